"""Pages of segments: the list, the builder, members with their reasons, versions."""
