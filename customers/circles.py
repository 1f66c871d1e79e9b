"""Tells the administrator of accounts whose parents in Salesforce lead round in a circle, so that none is the top."""

from collections.abc import Iterator

from customers.statements import fetch
from integration_hub.notices import clear_notices, raise_notice

SUBJECT = "Parent accounts"
CODE = "circle"
# So many circles, and so many accounts of each, are named.
NAMED = 5
REMEDY = (
    "Take the parent away from one account of each circle in Salesforce. Until then every one of them shows the whole "
    "circle as its group, each account counted once."
)


def tell_of_circles() -> None:
    """Raise a notice that names the accounts of each circle, and clear it when there is none."""
    found = list(_circles())
    if not found:
        clear_notices(SUBJECT)
        return
    told = "; ".join(_words(circle) for circle in found[:NAMED])
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    raise_notice(SUBJECT, CODE, f"Parents lead round in a circle: {told}{more}.", REMEDY)


def _circles() -> Iterator[list[str]]:
    """Each circle once, as names with account ids from the first by name on, upwards."""
    rows = {pk: (parent, f"{name} ({account})") for pk, parent, name, account in fetch("hierarchy_circle")}
    while rows:
        at, circle = next(iter(rows)), []
        while at in rows:
            at, words = rows.pop(at)
            circle.append(words)
        yield circle


def _words(circle: list[str]) -> str:
    """Who is below whom, ending where it began."""
    if len(circle) > NAMED:
        return f"{' below '.join(circle[:NAMED])} and {len(circle) - NAMED} more"
    return " below ".join((*circle, circle[0]))
