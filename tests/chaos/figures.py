"""The figures of each customer, computed once more in plain Python from the rows of one snapshot of the database."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg

Figures = dict[int, dict[str, Decimal]]
NAMES = ("revenue_ytd", "revenue_last_year", "order_intake", "open_amount", "overdue_amount", "overdue_count")
NOBODY = -1
"""Takes what a row without a link makes; no customer shows it, so that it is found."""


def current_day(connection: psycopg.Connection) -> date | None:
    """The day that pages show."""
    found = connection.execute("select as_of from rollup_day where current order by as_of desc limit 1").fetchone()
    return found[0] if found else None


def stored(connection: psycopg.Connection, day: date) -> Figures:
    """What the product shows."""
    rows = connection.execute(
        f"select customer_id, {', '.join(NAMES)} from rollup_customer where as_of = %s".encode(), [day]
    )
    return {row[0]: dict(zip(NAMES, map(Decimal, row[1:]), strict=True)) for row in rows}


def linked(connection: psycopg.Connection) -> dict[str, int]:
    """ERP customer -> customer, by the number that the mirror's accounts carry. Where two carry the same there is no
    right one, and where none does it is a customer without an account: the product's own word counts.
    """
    known = connection.execute("select account, id from customer where account is not null").fetchall()
    of_account: dict[str, int] = dict(known)
    claimed: dict[str, list[str]] = defaultdict(list)
    for number, account in connection.execute(
        "select erp_number, key from sf_account where deleted_at is null and erp_number <> ''"
    ):
        claimed[number].append(account)
    found = {}
    for key, number, customer, account in connection.execute(
        "select e.key, e.number, l.customer_id, c.account from account_link as l"
        " join erp_customer as e on e.key = l.erp_customer join customer as c on c.id = l.customer_id"
    ):
        if len(claimed[number]) == 1:
            found[key] = of_account.get(claimed[number][0], NOBODY)
        else:
            found[key] = NOBODY if account and not claimed[number] else customer
    return found


def computed(connection: psycopg.Connection, day: date) -> Figures:
    """What the rows of the mirror make."""
    rates = dict(connection.execute("select currency, rate from erp_currency_rate where deleted_at is null").fetchall())
    rates["EUR"] = Decimal(1)
    customer_of = linked(connection)
    found: Figures = defaultdict(lambda: dict.fromkeys(NAMES, Decimal(0)))
    live = "deleted_at is null and customer_id is not null"
    for debtor, net, currency, issued in connection.execute(
        f"select customer_id, net_amount, currency, issued_on from erp_invoice where {live}".encode()
    ):
        figures = found[customer_of.get(debtor, NOBODY)]
        if issued.year == day.year and issued <= day:
            figures["revenue_ytd"] += net * rates[currency]
        elif issued.year == day.year - 1:
            figures["revenue_last_year"] += net * rates[currency]
    for debtor, net, currency in connection.execute(
        f"select customer_id, net_amount, currency from erp_order where {live} and ordered_on <= %s".encode(), [day]
    ):
        found[customer_of.get(debtor, NOBODY)]["order_intake"] += net * rates[currency]
    for debtor, amount, currency, due in connection.execute(
        f"select customer_id, amount, currency, due_on from erp_open_item where {live}".encode()
    ):
        figures = found[customer_of.get(debtor, NOBODY)]
        figures["open_amount"] += amount * rates[currency]
        if due < day and amount > 0:
            figures["overdue_amount"] += amount * rates[currency]
            figures["overdue_count"] += 1
    return found


def differences(shown: Figures, right: Figures) -> list[str]:
    """Each figure that is not what the rows make, in words."""
    nothing: Mapping[str, Any] = dict.fromkeys(NAMES, Decimal(0))
    return [
        f"{name} of customer {customer}: shown {mine[name]}, its rows make {theirs[name]}"
        for customer in sorted(shown.keys() | right.keys())
        for mine, theirs in [(shown.get(customer, nothing), right.get(customer, nothing))]
        for name in NAMES
        if mine[name] != theirs[name]
    ]
