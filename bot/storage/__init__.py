"""Database access: SQLAlchemy on SQLite or PostgreSQL, behind the ports of the features.

May import what the features define: values and ports; never a platform, a page or wiring. One
file retries: `transactions`.
"""
