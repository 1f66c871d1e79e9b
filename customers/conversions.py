"""Stamps when accounts become customers, in the transaction that links and rolls them up."""

from datetime import date

from customers.statements import run


def stamp(as_of: date) -> None:
    """Bring the conversions of the customers in rollup_scope up to date with their links and figures of the day."""
    run("conversion", as_of=as_of)
    run("conversion_first_order", as_of=as_of)
    run("conversion_merged")
    run("conversion_unlinked")
