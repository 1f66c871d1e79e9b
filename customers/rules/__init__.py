"""Rules that choose customers: data, checked against the fields there are, and turned into one query."""
