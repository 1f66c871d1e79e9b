"""What the hub's alerts ask of the figures: documents that are in no total."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Sum

from customers.calendar import current_day
from customers.models import CustomerRollup
from integration_hub.alerts.finding import Finding


def missing_rates(_now: datetime) -> Iterator[Finding]:
    """Documents that should count but have no exchange rate, no amount or no day, over all customers of the newest
    day.
    """
    as_of = current_day()
    if as_of is None:
        return
    lacking = CustomerRollup.objects.filter(as_of=as_of, not_converted_count__gt=0)
    number = lacking.aggregate(found=Sum("not_converted_count"))["found"] or 0
    yield Finding(
        "missing_rates",
        "figures",
        number,
        f"{number:,} document{'s are' if number != 1 else ' is'} in no total.",
        "They have no exchange rate to the reporting currency, no amount or no day, so figures are too low.",
        "Open a customer that says “not converted”: it lists them. Add the rate in the ERP, or correct the document.",
    )
