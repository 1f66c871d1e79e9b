"""Customers, their links to ERP and Salesforce, the rollups per customer, and who may see them."""

from customers.models.customer import AccountLink, Customer, LinkStatus
from customers.models.link_event import LinkEvent
from customers.models.login import Login, RoleScope
from customers.models.rollup import CustomerMonth, CustomerRollup, OwnerTotal, RollupDay
from customers.models.saved_view import ListColumns, SavedView, SavedViewCount

__all__ = [
    "AccountLink",
    "Customer",
    "CustomerMonth",
    "CustomerRollup",
    "LinkEvent",
    "LinkStatus",
    "ListColumns",
    "Login",
    "OwnerTotal",
    "RoleScope",
    "RollupDay",
    "SavedView",
    "SavedViewCount",
]
