"""Alembic's migrations; `bot.storage.database` runs them."""
