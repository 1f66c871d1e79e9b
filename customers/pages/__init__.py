"""What each customer page shows, as frozen dataclasses built from rollups and mirror rows."""
