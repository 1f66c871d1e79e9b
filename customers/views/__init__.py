"""Pages for account managers: each view reads the request, asks, renders."""
