"""What became of customers that are gone: an unlinked ERP customer that was linked, an account that was merged."""

from collections.abc import Iterable

from customers.models import AccountLink, Customer
from customers.pages.identity import by_account


def now_part_of(former: Iterable[Customer]) -> dict[int, set[int]]:
    """By id of a customer that is gone those that it is part of today; without those that merely left."""
    gone = list(former)
    in_erp = {each.erp_customer: each.pk for each in gone if each.erp_customer and not each.account}
    found: dict[int, set[int]] = {}
    links = AccountLink.objects.filter(erp_customer__in=in_erp) if in_erp else AccountLink.objects.none()
    for key, customer in links.values_list("erp_customer", "customer_id"):
        if customer != in_erp[key]:
            found.setdefault(in_erp[key], set()).add(customer)
    winners = {each.pk: by_account(each.account) for each in gone if each.account}
    others = Customer.objects.filter(account__in=set(winners.values()) - {""})
    accounts = dict(others.values_list("account", "pk")) if winners else {}
    for pk, account in winners.items():
        today = accounts.get(account)
        if today is not None and today != pk:
            found[pk] = {today}
    return found
