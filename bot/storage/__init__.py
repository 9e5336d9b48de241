"""Database access: SQLAlchemy tables behind `service.ports`, SQLite or PostgreSQL."""
