"""The company of the warehouse tests: one ERP that delivers files."""

from tests.integration_hub.warehouse.conftest import world

__all__ = ["world"]
