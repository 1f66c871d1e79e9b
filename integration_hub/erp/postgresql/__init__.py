"""PostgreSQL, read through COPY."""
