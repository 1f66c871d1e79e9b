"""Computes the stored figures of customers at a day, in SQL: derived columns of documents first, then one row per
customer.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from customers import categories
from customers.calendar import periods
from customers.counted_receivables import DUE_SOON_DAYS, LARGE_FROM
from customers.models import RollupDay
from customers.rhythm import DAYS_BEYOND_USUAL, TIMES_USUAL
from customers.statements import Parameter, fetch, run, run_in_parts
from integration_hub import locks
from integration_hub.config import hub
from integration_hub.models import ErpOpenItem

FIGURES = (
    "invoice_figures",
    "order_figures",
    "order_rhythm",
    "open_order",
    "open_order_figures",
    "standing_figures",
    "receivable_figures",
    "payment_figures",
    "unallocated_figures",
    "deal_figures",
)

# A table of which so many rows changed is analysed at once: with statistics from before the planner expects no row with
# an amount, and loops.
ANALYZE_FROM = 1000


def begin() -> None:
    """Wait for any publish or other recompute to commit, and forget the temporary tables of an earlier one.

    It is the lock that a publish takes before it writes its first row: any other would let a publish that holds rows
    and a recompute that wants them wait for each other.
    """
    locks.wait_in_transaction(locks.PUBLISH)
    run("scope_drop")


def derive(*, everything: bool) -> None:
    """Bring the documents' derived columns up to date: amounts in the reporting currency, days of delivery, invoicing
    and settlement. Fills derive_customer from what the publish touched, or with every customer.
    """
    which = "all" if everything else "touched"
    currency = hub().company.reporting_currency
    if everything:
        run("loops_off")
    run(f"derive_scope_{which}")
    run(f"derive_accounts_{which}")
    run("reading_invoices")
    run("reporting_rate", currency=currency)
    run("reporting_rate_index")
    run("derive_scope_analyze")
    # Orders ask when invoices count, open items at which rate their invoice does, payments which items ask for nothing.
    for document in ("invoice", "order", "open_item", "payment", "opportunity", "sf_quote", "sf_order"):
        if run(f"derive_{document}", currency=currency) >= ANALYZE_FROM:
            run(f"derive_{document}_analyze")
    run("loops_on")


def roll_up(
    as_of: date,
    computed_at: datetime,
    *,
    everything: bool,
    current: bool,
    links_then: bool = False,
    touched: Sequence[int] | None = None,
) -> int:
    """Store the figures of the touched customers, or of all, at a day; the number of customers.

    Needs the temporary table relinked, and unless `everything` also touched_customer and touched_account. Months and
    product categories are kept only for the current day. `links_then` takes the links that were valid at the day. After
    a decision nothing was published: then of the customers that it `touched` those are computed that are relinked, and
    at a past day all of them.
    """
    if everything:
        run("loops_off")
        run("rollup_scope_all", as_of=as_of)
    elif touched is not None:
        scope = "rollup_scope_relinked" if current else "rollup_scope_then"
        if not run(scope, as_of=as_of, customers=list(touched)):
            return 0
        run("rollup_scope_few")
    else:
        run("rollup_scope_touched", as_of=as_of)
    figure = run_in_parts if _whose(as_of, links_then=links_then) else run
    run("rollup_scope_analyze")
    parameters = _parameters(as_of)
    for name in FIGURES:
        figure(name, **parameters)
    run("rollup_customer_gone", as_of=as_of)
    customers = figure("rollup_customer", as_of=as_of, computed_at=computed_at)
    if current:
        _keep_open_orders(computed_at)
        figure("month_figures", as_of=as_of)
        run("month_figures_analyze")
        run("rollup_customer_month_gone")
        run("rollup_customer_month")
        words = {"no_product": categories.NO_PRODUCT, "not_by_line": categories.NOT_BY_LINE}
        figure("category_figures", **words, **parameters)
        run("category_figures_analyze")
        run("rollup_customer_category_gone")
        run("rollup_customer_category")
    run("loops_on")
    return customers


def _whose(as_of: date, *, links_then: bool) -> bool:
    """Say whose the documents are: fills rollup_key. Whether rules share some of them; only then there is rollup_part,
    and the statements are others.
    """
    day: dict[str, Parameter] = {"as_of": as_of} if links_then else {}
    then = "_then" if links_then else ""
    if not fetch(f"parts_there{then}", **day):
        run(f"rollup_key{then}", **day)
        return False
    run(f"rollup_link{then}", **day)
    run("rollup_key_parts")
    run("rollup_part")
    run("rollup_part_analyze")
    return True


def _keep_open_orders(at: datetime) -> None:
    """Bring rollup_open_order up to date, and note whose promised date moved since it was kept last."""
    run("open_order_analyze")
    run("promise_move", at=at)
    run("rollup_open_order_gone")
    run("rollup_open_order")


def _parameters(as_of: date) -> dict[str, Parameter]:
    """as_of, <period>_start and <period>_end of every period, and what makes a customer quiet or
    an overdue item large.
    """
    parameters: dict[str, Parameter] = {"as_of": as_of, "quiet_gaps": TIMES_USUAL, "quiet_days": DAYS_BEYOND_USUAL}
    parameters |= {"large_from": LARGE_FROM, "due_soon_days": DUE_SOON_DAYS}
    parameters["time_zone"] = hub().company.time_zone
    for name, period in periods(as_of).items():
        parameters |= {f"{name}_start": period.start, f"{name}_end": period.end}
    return parameters


def mark_day(as_of: date, completed_at: datetime, *, current: bool, links_of: date | None = None) -> None:
    """Record that a day's figures are complete; `current` makes it the one that pages show. The current day stays
    current when it is merely computed again. `links_of` is the day whose links were used, None for the day's own.
    """
    made: dict[str, Any] = {"completed_at": completed_at, "basis": hub().company.basis, "links_of": links_of}
    # What was packed of the day is out of date, and its figures are in the table again.
    made |= {"archived_at": None, "stored": True, "brought_at": None}
    # Days that were computed before the basis was kept: they have the one of then, which is still in force.
    RollupDay.objects.filter(basis="").update(basis=made["basis"])
    if current:
        RollupDay.objects.exclude(as_of=as_of).filter(current=True).update(current=False)
        RollupDay.objects.update_or_create(as_of=as_of, defaults=made | {"current": True})
    else:
        RollupDay.objects.update_or_create(as_of=as_of, defaults=made)


def undated_items() -> int:
    """How many open items tell only today's open amount: figures of a past day take it as it is now."""
    return ErpOpenItem.objects.live().filter(dated_allocations=False).exclude(open_amount=0).count()
