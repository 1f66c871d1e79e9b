"""Pages for administrators: runs, rejected rows, pushes, checks; sign-in, health and error pages."""
