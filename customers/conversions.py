"""Stamps when accounts become customers, in the transaction that links and rolls them up."""

from datetime import date

from customers.statements import fetch, run
from integration_hub.config import hub


def stamp(as_of: date) -> None:
    """Bring the conversions of the customers in rollup_scope up to date with their links and figures of the day, and
    those of every account that was merged, undeleted, or linked by a decision that was taken back.
    """
    undone = fetch("conversion_undone", as_of=as_of, zone=hub().company.time_zone)
    _put_together([*undone, *fetch("conversion_parted")])
    _put_together(fetch("conversion_merged"))
    run("conversion", as_of=as_of)
    run("conversion_first_order", as_of=as_of)
    run("conversion_unlinked")


def _put_together(customers: list[tuple[int]]) -> None:
    if customers:
        run("conversion_together", customers=[pk for (pk,) in customers])
