"""Stamps when accounts become customers, in the transaction that links and rolls them up."""

from datetime import date

from customers.statements import fetch, run
from integration_hub.config import hub


def linked_sources() -> list[str]:
    """The sources with linked ERP customers. Asked before a publish links: whoever a source brings with its first links
    was a customer before.
    """
    return [str(name) for (name,) in fetch("conversion_known", sources=[source.name for source in hub().sources])]


def stamp(as_of: date, known: list[str]) -> None:
    """Bring the conversions of the customers in rollup_scope up to date with their links and figures of the day."""
    run("conversion", as_of=as_of, known=known)
    run("conversion_first_order", as_of=as_of)
    run("conversion_merged")
    run("conversion_unlinked")
