"""What the list's filters offer: values that occur among the customers one may see, and bounds for shown figures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from customers.access import User
from customers.measures_text import STAGE
from customers.pages.list_columns import Column, columns_for
from customers.pages.list_filters import FROM, TO, Filters
from customers.segments import all_segments
from customers.stages import STAGES
from customers.totals import chosen_values, visible_owners
from integration_hub.models import SfUser


@dataclass(frozen=True)
class Choice:
    """An option of a select."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Select:
    """A filter by one of several values; `chosen` is the value in force."""

    name: str
    label: str
    every: str
    choices: tuple[Choice, ...]
    chosen: str


@dataclass(frozen=True)
class Bounds:
    """Two fields for the least and the greatest value of a column."""

    column: Column
    low_name: str
    low: str
    high_name: str
    high: str


@dataclass(frozen=True)
class Choices:
    """Every filter. `further` is how many of those that are folded away are in force."""

    owners: tuple[Choice, ...]
    selects: tuple[Select, ...]
    bounds: tuple[Bounds, ...]
    further: int


def build_choices(
    user: User, as_of: date, filters: Filters, columns: tuple[Column, ...], counts: Mapping[str, int]
) -> Choices:
    """Selects of one value are no choice and left out, unless that value is chosen."""
    known = columns_for(user)
    selects = (
        _select("country", "Country", "All countries", chosen_values(counts, "country"), filters),
        _select("industry", "Industry", "All industries", chosen_values(counts, "industry"), filters),
        _select("currency", "Currency", "All currencies", chosen_values(counts, "currency"), filters),
        *([_segments(filters.segment)] if "segment" in known else []),
        *([_stages(filters.stage)] if STAGE.name in known else []),
    )
    bounded = {each.column.name: each for each in filters.ranges}
    shown = [column for column in columns if column.is_measure]
    shown += [each.column for each in filters.ranges if each.column not in shown]
    bounds = tuple(
        Bounds(
            column,
            FROM + column.name,
            _text(bounded[column.name].low) if column.name in bounded else "",
            TO + column.name,
            _text(bounded[column.name].high) if column.name in bounded else "",
        )
        for column in shown
    )
    return Choices(
        owners=_owners(user, as_of, filters.attributes.get("owner", "")),
        selects=tuple(select for select in selects if len(select.choices) > 1 or select.chosen),
        bounds=bounds,
        further=len(filters.ranges) + sum(1 for select in selects if select.chosen),
    )


def owner_names(keys: Collection[str]) -> dict[str, str]:
    """The names of Salesforce users by key."""
    return dict(SfUser.objects.filter(key__in=keys).values_list("key", "name"))


def _owners(user: User, as_of: date, chosen: str) -> tuple[Choice, ...]:
    names = list(SfUser.objects.filter(key__in=visible_owners(user, as_of)).values_list("name", "key"))
    names.sort(key=lambda each: (each[0].casefold(), each[1]))
    return tuple(Choice(key, name, key == chosen) for name, key in names) if len(names) > 1 else ()


def _select(name: str, label: str, every: str, values: Collection[str], filters: Filters) -> Select:
    chosen = filters.attributes.get(name, "")
    offered = [*values, *([chosen] if chosen and chosen not in values else [])]
    return Select(name, label, every, tuple(Choice(value, value[:60], value == chosen) for value in offered), chosen)


def _segments(chosen: str) -> Select:
    choices = tuple(Choice(words, words, words == chosen) for words in all_segments())
    return Select("segment", "Segment", "All segments", choices, chosen)


def _stages(chosen: str) -> Select:
    choices = tuple(Choice(name, words, name == chosen) for name, words in STAGES.items())
    return Select(STAGE.name, STAGE.label, "All stages", choices, chosen)


def _text(value: object) -> str:
    return "" if value is None else str(value)
