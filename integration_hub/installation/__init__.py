"""What concerns the installation as a whole: restored backups, releases side by side, backups."""
