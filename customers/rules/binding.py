"""Checks rules against the fields there are, and finds what each asks at a day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from customers import formats
from customers.rules.bound import Bound, BoundGroup, BoundMember, BoundRule, Earlier
from customers.rules.conditions import Changed, Condition, Known, Nobody, Text, Truth, Within
from customers.rules.dates import DATES
from customers.rules.fields import Fields, RuleField
from customers.rules.operators import BASES, CHANGES, PRIOR, BadValue, Operator, read_choice, read_number, read_whole
from customers.rules.shape import UNREADABLE, Group, Path, Rule
from customers.rules.snapshots import NEAR, day_back, first_kept_day, kept_day

NO_RULES = "There is no rule yet: without one the segment would hold every customer."


@dataclass(frozen=True)
class Problem:
    """What is wrong with the rule or group at a path, as a sentence."""

    path: Path
    sentence: str


class RuleProblems(ValueError):
    """Rules cannot be used as they are; every problem is named."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = tuple(problems)


def bind(group: Group, fields: Fields, as_of: date) -> Bound:
    """The rules at a day. Raises RuleProblems with all that is wrong."""
    binder = _Binder(fields, as_of)
    root = binder.group(group, ())
    if binder.problems:
        raise RuleProblems(binder.problems)
    return Bound(root, as_of)


@dataclass
class _Binder:
    fields: Fields
    as_of: date
    problems: list[Problem] = field(default_factory=list)
    number: int = 0
    days: dict[date, date | None] = field(default_factory=dict)

    def group(self, group: Group, path: Path) -> BoundGroup:
        if not group.members:
            sentence = (
                NO_RULES
                if not path
                else f"The group {f'after rule {self.number}' if self.number else 'at the start'} is empty: add a rule "
                "or remove it."
            )
            self.problems.append(Problem(path, sentence))
        members: list[BoundMember] = []
        for position, member in enumerate(group.members):
            at = (*path, position)
            if isinstance(member, Group):
                members.append(self.group(member, at))
            elif (bound := self.rule(member, at)) is not None:
                members.append(bound)
        return BoundGroup(group.kind, tuple(members))

    def rule(self, rule: Rule, path: Path) -> BoundRule | None:
        self.number += 1
        known = self.fields.get(rule.field)
        if rule.field == UNREADABLE:
            sentence = f"The rules as they are stored cannot be read. {rule.operator} Set them anew."
            self.problems.append(Problem(path, sentence))
            return None
        if known is None:
            named = f"“{rule.field[:60]}”, which is not there or no longer there" if rule.field else "no field yet"
            self.problems.append(Problem(path, f"Rule {self.number} names {named}. Choose a field or remove the rule."))
            return None
        operator = next((each for each in known.operators if each.name == rule.operator), None)
        if operator is None:
            asked = f"“{rule.operator[:40]}” cannot be asked of it" if rule.operator else "it asks nothing"
            words = ", ".join(each.words for each in known.operators)
            self._wrong(path, known, f"{asked}; choose one of: {words}")
            return None
        try:
            asks, earlier = self.asked(known, operator, rule.values)
        except BadValue as problem:
            self._wrong(path, known, str(problem))
            return None
        except OverflowError:
            self._wrong(path, known, "that is before the first day of the calendar")
            return None
        return BoundRule(self.number, path, rule, known, operator, asks, earlier)

    def _wrong(self, path: Path, known: RuleField, problem: str) -> None:
        self.problems.append(Problem(path, f"Rule {self.number} ({known.label}): {problem}."))

    def asked(
        self, known: RuleField, operator: Operator, values: tuple[str, ...]
    ) -> tuple[Condition | Changed | Nobody, Earlier | None]:
        if operator in CHANGES:
            return self.changed(known, operator, values)
        if operator.name in DATES:
            return DATES[operator.name](values, self.as_of), None
        if operator.name in TEXTS:
            return TEXTS[operator.name](known, values), None
        if operator.name in {"yes", "no"}:
            return Truth(operator.name == "yes"), None
        return AMOUNTS[operator.name](known, values), None

    def changed(
        self, known: RuleField, operator: Operator, values: tuple[str, ...]
    ) -> tuple[Changed | Nobody, Earlier | None]:
        direction, _, measured = operator.name.partition("_")
        by, count, base = at(values, 0), at(values, 1), at(values, 2)
        limit = read_number(by)
        if limit < 0:
            raise BadValue(f"“{by[:40]}” is below 0; “up” and “down” say the direction")
        change = Changed("down" if direction == "down" else "up", limit, measured == "percent")
        if base == PRIOR:
            if not known.prior:
                raise BadValue("it has no value of the time before beside it; compare it with an earlier day")
            prior = self.fields[known.prior]
            return change, Earlier(prior.measure, None, prior.label)
        read_choice(base, BASES, "time before")
        wanted = day_back(self.as_of, read_whole(count), base)
        if wanted not in self.days:
            self.days[wanted] = kept_day(wanted)
        day = self.days[wanted]
        if day is None:
            return Nobody(_not_kept(wanted)), None
        return change, Earlier(known.measure, day, formats.day(day))


def _not_kept(wanted: date) -> str:
    first = first_kept_day()
    since = f" Figures are kept from {formats.day(first)} on." if first else ""
    return (
        f"no figures were kept of {formats.day(wanted)} or the {NEAR.days} days before, so there is nothing to compare "
        f"with and nobody matches it.{since}"
    )


def at(values: Sequence[str], position: int) -> str:
    """The value at a position, empty where there is none."""
    return values[position] if position < len(values) else ""


def _between(known: RuleField, values: tuple[str, ...]) -> Within:
    low, high = (read_number(at(values, position), whole=known.whole) for position in (0, 1))
    if low > high:
        raise BadValue(f"{low:,} is more than {high:,}, so nothing lies between; turn them around")
    return Within(low, high)


def _one(known: RuleField, values: tuple[str, ...], form: Callable[..., Within], *names: str, **more: bool) -> Within:
    number = read_number(at(values, 0), whole=known.whole)
    return form(**dict.fromkeys(names, number), **more)


AMOUNTS: Mapping[str, Callable[[RuleField, tuple[str, ...]], Condition]] = MappingProxyType(
    {
        "at_least": lambda known, values: _one(known, values, Within, "low"),
        "more_than": lambda known, values: _one(known, values, Within, "low", low_excluded=True),
        "at_most": lambda known, values: _one(known, values, Within, "high"),
        "less_than": lambda known, values: _one(known, values, Within, "high", high_excluded=True),
        "equals": lambda known, values: _one(known, values, Within, "low", "high"),
        "between": _between,
        "known": lambda _known, _values: Known(known=True),
        "unknown": lambda _known, _values: Known(known=False),
    }
)


def _text(known: RuleField, values: tuple[str, ...]) -> str:
    if not (text := at(values, 0).strip()):
        raise BadValue("a text is missing; to ask for none, choose “is empty”")
    _check_choices(known, (text,))
    return text


def _texts(known: RuleField, values: tuple[str, ...]) -> tuple[str, ...]:
    texts = tuple(dict.fromkeys(text.strip() for text in values if text.strip()))
    if not texts:
        raise BadValue("no value is given; name at least one")
    _check_choices(known, texts)
    return texts


def _check_choices(known: RuleField, texts: Sequence[str]) -> None:
    for text in texts:
        if known.choices and text not in known.choices:
            raise BadValue(f"“{text[:60]}” is none of its values")


TEXTS: Mapping[str, Callable[[RuleField, tuple[str, ...]], Condition]] = MappingProxyType(
    {
        "is": lambda known, values: Text((_text(known, values),), exact=known.exact),
        "is_not": lambda known, values: Text((_text(known, values),), exact=known.exact, refused=True),
        "one_of": lambda known, values: Text(_texts(known, values), exact=known.exact),
        "none_of": lambda known, values: Text(_texts(known, values), exact=known.exact, refused=True),
        "begins": lambda _known, values: Text((_part(values),), "begins"),
        "contains": lambda _known, values: Text((_part(values),), "contains"),
        "empty": lambda _known, _values: Text(("",)),
        "filled": lambda _known, _values: Text(("",), refused=True),
    }
)


def _part(values: tuple[str, ...]) -> str:
    if not (text := at(values, 0).strip()):
        raise BadValue("a text is missing")
    return text
