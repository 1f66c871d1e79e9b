"""Any database that SQLAlchemy reads, but PostgreSQL."""
