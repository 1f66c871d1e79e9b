"""Which ERP customer of an account is compared with it, and why that one."""

from customers.models import AccountLink, LinkStatus
from integration_hub.models import ErpCustomer, SfAccount


def why_compared(account: str, erp_customer: str) -> str:
    """Why of several linked ERP customers it is this one, as a sentence; empty where it is the only one. The rule is
    in customers/differences/detection.py.
    """
    links = AccountLink.objects.filter(account=account, status=LinkStatus.LINKED).values("erp_customer")
    linked = list(ErpCustomer.objects.live().filter(key__in=links).select_related("company"))
    one = next((each for each in linked if each.key == erp_customer), None)
    if one is None or len(linked) == 1:
        return ""
    carried = SfAccount.objects.filter(key=account).values_list("erp_number", flat=True).first()
    why = (
        "whose number the account carries"
        if (carried or "").strip() in _forms(one)
        else "which has the most revenue of the last 12 months"
    )
    return f"The account has {len(linked)} ERP customers; it is compared with {one.number or one.key}, {why}."


def _forms(customer: ErpCustomer) -> tuple[str, ...]:
    number = customer.number.strip()
    if not number:
        return ()
    return (number, f"{customer.company.code}/{number}") if customer.company else (number,)
