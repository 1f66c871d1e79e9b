"""Single documents, asked of their source by stream and key."""
