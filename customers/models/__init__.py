"""Customers, their links to ERP and Salesforce, the rollups per customer, and who may see them."""

from customers.models.access import CustomerView, Deputy, TeamScope
from customers.models.customer import AccountLink, Customer, LinkStatus
from customers.models.link_event import LinkEvent
from customers.models.login import Login, RoleScope
from customers.models.rollup import CustomerMonth, CustomerRollup, RollupDay

__all__ = [
    "AccountLink",
    "Customer",
    "CustomerMonth",
    "CustomerRollup",
    "CustomerView",
    "Deputy",
    "LinkEvent",
    "LinkStatus",
    "Login",
    "RoleScope",
    "RollupDay",
    "TeamScope",
]
