"""Which results of a report are written to Salesforce, and as what."""

from dataclasses import dataclass

from customers.measures import MEASURES
from customers.measures_text import DAY_MEASURES, TEXT_MEASURES
from integration_hub.config import hub
from reports.shape import Report


@dataclass(frozen=True)
class Sent:
    """One field of the account. `chosen` tells whether it holds a class, which is then that of the usual limits."""

    what: str
    field: str
    chosen: bool


def sent_by(report: Report) -> tuple[Sent, ...]:
    """The fields that the push of hub.toml fills from this report; none while pushing is off."""
    push = hub().push
    return tuple(
        Sent(_label(field.measure), field.field, field.measure in TEXT_MEASURES)
        for field in push.fields
        if push.enabled and field.measure in report.pushes
    )


def _label(measure: str) -> str:
    if measure in MEASURES:
        return MEASURES[measure].label
    return TEXT_MEASURES[measure].label if measure in TEXT_MEASURES else DAY_MEASURES[measure].label
