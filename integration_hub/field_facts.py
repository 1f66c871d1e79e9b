"""What is known of the Salesforce fields that hub.toml names: label, type, and how old a formula's value can be."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from integration_hub.models import DescribedField, StreamState

STREAM = "salesforce.{sobject}"
REFRESHED = "salesforce.{sobject} formulas"


@dataclass(frozen=True)
class FieldFact:
    """One field; `type` is Salesforce's own word for it, empty before the first check of the org.

    A `calculated` field changes without its record being changed: its value is that of `as_of` (UTC, None: not known).
    """

    name: str
    label: str
    type: str = ""
    calculated: bool = False
    as_of: datetime | None = None


def field_facts(sobject: str, names: Iterable[str]) -> tuple[FieldFact, ...]:
    """The facts of fields in their order; a field that was never described gets a label made of its name."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return ()
    described = {field.name: field for field in DescribedField.objects.filter(sobject=sobject, name__in=wanted)}
    refreshed = _refreshed(sobject) if any(field.calculated for field in described.values()) else None
    return tuple(_fact(name, described, refreshed) for name in wanted)


def plain_label(name: str) -> str:
    """A label made of an API name: "acme__Risk_Class__c" is "Risk class", "AnnualRevenue" is "Annual revenue"."""
    own = re.sub(r"__p?c$", "", name).rpartition("__")[2]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", own).replace("_", " ").split()
    told = [word if word.isupper() else word.lower() for word in words]
    return (told[0][:1].upper() + " ".join(told)[1:]) if told else name


def _fact(name: str, described: Mapping[str, DescribedField], refreshed: datetime | None) -> FieldFact:
    field = described.get(name)
    if field is None:
        return FieldFact(name, plain_label(name))
    return FieldFact(name, field.label, field.type, field.calculated, refreshed if field.calculated else None)


def _refreshed(sobject: str) -> datetime | None:
    """A formula is as old as its own last refresh or the last whole read, whichever is newer."""
    names = {"own": REFRESHED.format(sobject=sobject), "whole": STREAM.format(sobject=sobject)}
    states = {state.stream: state for state in StreamState.objects.filter(stream__in=names.values())}
    own, whole = states.get(names["own"]), states.get(names["whole"])
    known = [moment for moment in (own and own.as_of, whole and whole.full_as_of) if moment]
    return max(known, default=None)
