"""The subset of SOQL that the practice org understands."""
