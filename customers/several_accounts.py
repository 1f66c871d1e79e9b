"""How many documents count for several accounts, because a rule divides their ERP customer between these by per cent.

A count over customers has such a document once for each of them. What lists the documents has it once, and these
numbers say how the two agree. Documents that a rule tells apart by ship-to party are of one account alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from customers import formats
from customers.calendar import current_day
from customers.counted import Documents
from customers.known import known_customers
from customers.links_then import links_at
from customers.measures import Measure
from customers.models import AccountLink, Customer
from customers.parts import PART_COLUMNS, PartKey, part_key

Several = Mapping[int, int]
"""How many documents, by the number of accounts that each counts for."""
IN_WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}
WHY = "as a rule shares their ERP customer"


def shared_among(customers: QuerySet[Customer], as_of: date) -> tuple[PartKey, ...]:
    """The parts of ERP customers that several of these customers share by per cent at a day; one query where nothing is
    shared at all, else two.
    """
    links: QuerySet[Any, Any] = AccountLink.objects.all() if as_of == current_day() else links_at(as_of)
    divided = links.filter(part_to__isnull=False).order_by("erp_customer", "part_from")
    rows = list(divided.values_list("customer_id", *PART_COLUMNS))
    if not rows:
        return ()
    among = customers.filter(pk__in={customer for customer, *_part in rows})
    members = set(among.order_by().values_list("pk", flat=True))
    found: dict[str, list[PartKey]] = {}
    for customer, *part in rows:
        key = part_key(*part)
        if customer in members and isinstance(key, PartKey):
            found.setdefault(str(key), []).append(key)
    return tuple(part for parts in found.values() if len(parts) > 1 for part in parts)


def several_of(measure: Measure, shared: Sequence[PartKey], as_of: date) -> Several:
    """The same for a count over customers that share these; one query, none where they share nothing."""
    if measure.kind != "count" or not shared:
        return {}
    return several_in(measure.documents(known_customers((), tuple(shared)), as_of))


def several_in(documents: Documents) -> Several:
    """The same for the documents of a count."""
    again = documents.order_by().filter(counted__gt=1).values_list("counted").annotate(documents=Count("pk"))
    return dict(sorted(again))


def counted_again(several: Several) -> int:
    """By how much a count is more than the number of its documents."""
    return sum((times - 1) * documents for times, documents in several.items())


def several_sentence(total: int, several: Several) -> str:
    """How a count over customers agrees with the number of its documents; nothing where it is that number."""
    if not several:
        return ""
    count = formats.plural(total - counted_again(several), "document")
    return f"{count}; of them {several_words(several)}, {WHY}: {formats.number(total)}."


def several_words(several: Several) -> str:
    """Which count for several accounts: "7 count for two accounts, 1 counts for three accounts"."""
    verbs = {times: "counts" if documents == 1 else "count" for times, documents in several.items()}
    return ", ".join(
        f"{formats.number(documents)} {verbs[times]} for {IN_WORDS.get(times, times)} accounts"
        for times, documents in several.items()
    )
