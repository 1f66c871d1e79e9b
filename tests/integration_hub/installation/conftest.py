"""The world of the pushes, for what an installation does to them."""

from tests.integration_hub.push.conftest import world

__all__ = ["world"]
