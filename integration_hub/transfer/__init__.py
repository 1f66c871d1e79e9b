"""The configuration as one file that moves between installations: from a sandbox to production, with its difference."""
