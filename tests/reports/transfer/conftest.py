"""An empty mirror with a hub.toml of its own."""

from tests.customers.conftest import figures

__all__ = ["figures"]
