"""The small company and its cast, for report pages."""

from tests.customers.pages.conftest import cast, world

__all__ = ["cast", "world"]
