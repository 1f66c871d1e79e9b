"""The small company and its cast, for the pages of segments."""

from tests.customers.pages.conftest import cast, world

__all__ = ["cast", "world"]
