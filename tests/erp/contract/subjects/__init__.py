"""Every adapter with its ERP, by name."""

from collections.abc import Mapping

from tests.erp.contract.subject import Maker
from tests.erp.contract.subjects.odoo import odoo
from tests.erp.contract.subjects.postgresql import postgresql

SUBJECTS: Mapping[str, Maker] = {
    "postgresql": postgresql,
    "odoo 16": odoo(16),
    "odoo 19": odoo(19),
}
