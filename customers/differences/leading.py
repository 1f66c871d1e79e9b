"""Which ERP customer of an account is compared with it, and why that one."""

from customers.models import AccountLink, LinkStatus
from integration_hub.models import ErpCustomer, SfAccount


def why_compared(account: str, erp_customer: str) -> str:
    """Why of several linked ERP customers it is this one, and that it is shared, as sentences; empty where it is the
    only one and whole. The rule is in customers/differences/detection.py.
    """
    links = AccountLink.objects.filter(account=account, status=LinkStatus.LINKED)
    link = links.filter(erp_customer=erp_customer).first()
    one = ErpCustomer.objects.live().filter(key=erp_customer).select_related("company").first()
    if link is None or one is None:
        return ""
    several = ErpCustomer.objects.live().filter(key__in=links.values("erp_customer")).count()
    shared = link.part_to is not None or link.places is not None
    name = one.number or one.key
    told = (
        f" ERP customer {name} is shared over several accounts; what is the company’s is compared with each." * shared
    )
    if several == 1:
        return told.strip()
    carried = SfAccount.objects.filter(key=account).values_list("erp_number", flat=True).first()
    why = (
        "whose number the account carries"
        if (carried or "").strip() in _forms(one)
        else "which has the most revenue of the last 12 months"
    )
    return f"The account has {several} ERP customers; it is compared with {name}, {why}.{told}"


def _forms(customer: ErpCustomer) -> tuple[str, ...]:
    number = customer.number.strip()
    if not number:
        return ()
    return (number, f"{customer.company.code}/{number}") if customer.company else (number,)
