"""Stamps when accounts become customers, in the transaction that links and rolls them up."""

from datetime import date

from customers.linking import Concerned
from customers.statements import fetch, run
from integration_hub.config import hub
from integration_hub.models import SfAccount


def stamp(as_of: date, concerned: Concerned | None = None) -> None:
    """Bring the conversions of the customers in rollup_scope up to date with their links and figures of the day, and
    those of every account that was merged, undeleted, or linked by a decision that was taken back. After a decision
    only what is `concerned`: accounts are as they were.
    """
    zone = hub().company.time_zone
    keys = None if concerned is None else list(concerned.erp_customers)
    undone = fetch("conversion_undone", as_of=as_of, zone=zone, keys=keys)
    _put_together(undone if concerned else [*undone, *fetch("conversion_parted")])
    # One that others were merged into may have become a customer.
    if (
        concerned is None
        or SfAccount.objects.filter(master_record__in=concerned.accounts).exclude(master_record="").exists()
    ):
        _put_together(fetch("conversion_merged"))
    run("conversion", as_of=as_of, zone=zone)
    run("conversion_first_order", as_of=as_of)
    run("conversion_unlinked")


def _put_together(customers: list[tuple[int]]) -> None:
    if customers:
        run("conversion_together", customers=[pk for (pk,) in customers])
