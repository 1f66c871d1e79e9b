"""What became of customers that are gone: an unlinked ERP customer that was linked, an account that was merged."""

from collections.abc import Iterable

from customers.models import AccountLink, Customer
from integration_hub.models import SfAccount


def now_part_of(former: Iterable[Customer]) -> dict[int, set[int]]:
    """By id of a customer that is gone those that it is part of today; without those that merely left. As many queries
    for many as for one.
    """
    gone = list(former)
    in_erp = {each.erp_customer: each.pk for each in gone if each.erp_customer and not each.account}
    found: dict[int, set[int]] = {}
    links = AccountLink.objects.filter(erp_customer__in=in_erp) if in_erp else AccountLink.objects.none()
    for key, customer in links.values_list("erp_customer", "customer_id"):
        if customer != in_erp[key]:
            found.setdefault(in_erp[key], set()).add(customer)
    merged = {each.account: each.pk for each in gone if each.account}
    winners = _winners(merged)
    others = Customer.objects.filter(account__in=set(winners.values()))
    customers = dict(others.values_list("account", "pk")) if winners else {}
    for account, winner in winners.items():
        today = customers.get(winner)
        if today is not None and today != merged[account]:
            found[merged[account]] = {today}
    return found


def _winners(accounts: Iterable[str]) -> dict[str, str]:
    """The account that each of these is today, following merges to the end: one query for each merge in a row."""
    ways = {account: [account] for account in accounts}
    going = set(ways)
    while going:
        ends = SfAccount.objects.filter(key__in={ways[account][-1] for account in going})
        winners = dict(ends.values_list("key", "master_record"))
        for account in tuple(going):
            winner = winners.get(ways[account][-1])
            if winner:
                ways[account].append(winner)
            # Whatever a damaged source says, nobody goes in a circle.
            if not winner or winner in ways[account][:-1]:
                going.remove(account)
    return {account: way[-1] for account, way in ways.items()}
