"""The addresses of the practice org, one module per family."""
