"""Alembic's migrations; `bot.storage.migrate` runs them."""
