"""A company whose ERP and Salesforce are synced for real, the latter from the practice org."""

from tests.bad_input.conftest import company
from tests.integration_hub.erp.conftest import erp

__all__ = ["company", "erp"]
