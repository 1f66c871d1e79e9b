"""Customers told apart by a field of their Salesforce account that hub.toml mirrors: which values occur, and whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from django.core.cache import cache
from django.db.models import Count, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from customers.access import SEE_ALL, User, hidden_columns, role, visible
from customers.field_values import configured_fields, written
from customers.hidden import hidden_fields
from customers.models import CustomerRollup
from integration_hub.field_facts import FieldFact, field_facts
from integration_hub.models import Run, SfAccount

NOT_FILLED = "not filled"
MOST_VALUES = 40
LONGEST_SHOWN = 60
SEPARATOR = "="
KEPT_SECONDS = 900
Counts = Mapping[str, Sequence[tuple[str, int]]]


class UnknownField(ValueError):
    """A filter names a field that is not mirrored; the message says which there are."""


@dataclass(frozen=True)
class FieldFilter:
    """Accounts whose field holds exactly this text; an empty one means that nothing is filled in."""

    name: str
    value: str

    def __str__(self) -> str:
        """As it stands in a URL: "Risk_Class__c=High"."""
        return f"{self.name}{SEPARATOR}{self.value}"


@dataclass(frozen=True)
class FieldChoice:
    """One value of a select; `query` is what the URL gets."""

    query: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class FieldChoices:
    """A field with the values that occur among the accounts one may see, the most frequent first."""

    label: str
    choices: tuple[FieldChoice, ...]


def read_filter(text: str) -> FieldFilter | None:
    """A filter from a URL; None for an empty text. Raises UnknownField."""
    if not text:
        return None
    name, separator, value = text.partition(SEPARATOR)
    known = [field.name for field in configured_fields("Account")]
    if name not in known or not separator:
        there_are = f"there are: {', '.join(known)}" if known else "account_fields in hub.toml names none"
        raise UnknownField(f'"{text[:60]}" is no mirrored account field with its value, as in NAME=VALUE; {there_are}.')
    return FieldFilter(name, value)


def narrowed(rollups: QuerySet[CustomerRollup], chosen: FieldFilter | None) -> QuerySet[CustomerRollup]:
    """The rollups of customers whose account matches; a customer without account matches nothing."""
    return rollups if chosen is None else rollups.filter(customer__account__in=with_field(chosen).values("key"))


def with_field(chosen: FieldFilter) -> QuerySet[SfAccount]:
    """The accounts whose field holds that value, of whoever owns them."""
    return _with_value(SfAccount.objects.live(), chosen.name).filter(field_value=chosen.value)


def in_words(chosen: FieldFilter) -> str:
    """ "Risk class: High"."""
    (fact,) = field_facts("Account", [chosen.name])
    return f"{fact.label}: {_shown(fact, chosen.value)}"


def field_choices(user: User, chosen: FieldFilter | None) -> tuple[FieldChoices, ...]:
    """What one can choose: per mirrored field the values that occur where the user may look.

    Whoever sees all accounts shares one count, made anew after each run.
    """
    left_out = hidden_fields(hidden_columns(user))
    facts = tuple(fact for fact in configured_fields("Account") if fact.name not in left_out)
    if not facts:
        return ()
    names = [fact.name for fact in facts]
    if role(user) not in SEE_ALL:
        counts = _count(visible(SfAccount.objects.live(), user), names)
    else:
        key = f"account-fields:{_last_run()}:{crc32(','.join(names).encode())}"
        counts = cache.get(key) or _count(SfAccount.objects.live(), names)
        cache.set(key, counts, KEPT_SECONDS)
    return tuple(_choices(fact, counts[fact.name], chosen) for fact in facts)


def _last_run() -> int:
    finished = Run.objects.filter(finished_at__isnull=False)
    return finished.order_by("-id").values_list("pk", flat=True).first() or 0


def _count(accounts: QuerySet[SfAccount], names: Sequence[str]) -> Counts:
    """By field the most frequent values with their number of accounts."""
    return {name: _count_values(accounts, name) for name in names}


def _count_values(accounts: QuerySet[SfAccount], name: str) -> list[tuple[str, int]]:
    counted = _with_value(accounts, name).order_by().values("field_value").annotate(accounts=Count("key"))
    return list(counted.order_by("-accounts", "field_value").values_list("field_value", "accounts")[:MOST_VALUES])


def _choices(fact: FieldFact, counted: Sequence[tuple[str, int]], chosen: FieldFilter | None) -> FieldChoices:
    values: list[tuple[str, int | None]] = list(counted)
    mine = chosen.value if chosen and chosen.name == fact.name else None
    if mine is not None and mine not in {value for value, _ in values}:
        values.append((mine, None))
    # Empty last: it is seldom what one looks for.
    values.sort(key=lambda each: each[0] == "")
    return FieldChoices(fact.label, tuple(_choice(fact, value, count, mine) for value, count in values))


def _choice(fact: FieldFact, value: str, count: int | None, mine: str | None) -> FieldChoice:
    label = _shown(fact, value) + (f" ({count:,})" if count else "")
    return FieldChoice(str(FieldFilter(fact.name, value)), label, value == mine)


def _with_value(accounts: QuerySet[SfAccount], name: str) -> QuerySet[Any]:
    """Annotate each account with the field's text, empty for null and for a field that was never read."""
    text = KeyTextTransform(name, "custom_fields")
    return accounts.annotate(field_value=Coalesce(text, Value(""), output_field=TextField()))


def _shown(fact: FieldFact, value: str) -> str:
    text = written(value, fact.type) if value else NOT_FILLED
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


__all__ = [
    "FieldChoices",
    "FieldFilter",
    "UnknownField",
    "field_choices",
    "in_words",
    "narrowed",
    "read_filter",
    "with_field",
]
