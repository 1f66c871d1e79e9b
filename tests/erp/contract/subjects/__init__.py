"""Every adapter with its ERP, by name."""

from collections.abc import Mapping

from tests.erp.contract.subject import Maker
from tests.erp.contract.subjects.databases import maria, sqlite
from tests.erp.contract.subjects.deliveries import files
from tests.erp.contract.subjects.erpnext import erpnext
from tests.erp.contract.subjects.netsuite import netsuite
from tests.erp.contract.subjects.odata import business_central, s4hana
from tests.erp.contract.subjects.odoo import odoo
from tests.erp.contract.subjects.postgresql import postgresql
from tests.erp.contract.subjects.tryton import tryton

SUBJECTS: Mapping[str, Maker] = {
    "erpnext": erpnext,
    "netsuite": netsuite,
    "postgresql": postgresql,
    "sqlite": sqlite,
    "mariadb": maria,
    "files": files,
    "odoo 16": odoo(16),
    "odoo 19": odoo(19),
    "s4hana": s4hana,
    "business_central": business_central,
    "tryton": tryton,
}
EXTERNAL = frozenset({"mariadb"})
"""Those that need a program which is no part of the project."""
