"""Something is wrong, or over: seen by the scheduler, kept in PostgreSQL, told once by mail and webhook."""
