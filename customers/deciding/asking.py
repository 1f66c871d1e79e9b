"""How alike an ERP customer and an account are, for any pair that somebody wants to compare, proposed or not."""

from decimal import Decimal

from customers import matching
from customers.matching import Match


def evidence(erp_customer: str, account: str) -> Match:
    """What of two stored records, named by their keys, agrees; nothing where one of them is not live."""
    return matching.evidence(erp_customer, account) or Match(Decimal(0), certain=False, evidence=[])
