"""The builder: what its form shows for rules, also for rules that are not right yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from customers.access import User, people
from customers.rules.fields import Fields, RuleField
from customers.rules.operators import BASES, PERIODS, PRIOR, UNITS, FieldKind, Slot
from customers.rules.shape import DEEPEST, MOST_RULES, Group, Path, Rule, rules_of
from customers.totals import CHOICES, chosen_values, visible_counts
from reports.segments.figures import Found, find
from reports.segments.state import as_query, fits_url

# A select with more options than this is a text field with suggestions instead.
MOST_OPTIONS = 400
# With so many rules each offers only the fields beside its own: all fields in every rule make a page of megabytes.
MANY = 20


@dataclass(frozen=True)
class Option:
    """An option of a select."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Heading:
    """Fields that stand together in the choice of fields."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Control:
    """One value of a rule: a select with `options`, else an input of that type ("lines" for one value a line).
    `shapes` is set where another choice changes the controls.
    """

    type: str
    label: str
    value: str = ""
    options: tuple[Option, ...] = ()
    unit: str = ""
    several: bool = False
    shapes: bool = False


@dataclass(frozen=True)
class RuleLine:
    """One rule of the form; `at` is its path as text, `problem` what is wrong with it, `kept_operator` what a field
    that is no longer there was asked.
    """

    at: str
    number: int
    label: str
    headings: tuple[Heading, ...]
    operators: tuple[Option, ...]
    controls: tuple[Control, ...]
    definition: str
    problem: str
    kept_operator: str = ""
    is_rule: bool = True


@dataclass(frozen=True)
class GroupBox:
    """One group of the form with its members, rules and groups. `may_nest` is whether a group may stand in it."""

    at: str
    kind: str
    members: tuple["RuleLine | GroupBox", ...]
    problem: str
    may_nest: bool
    is_rule: bool = False


@dataclass(frozen=True)
class Builder:
    """The whole form. `query` is its state; `in_url` is whether that fits an address."""

    root: GroupBox
    found: Found
    count: int
    may_add: bool
    query: str
    in_url: bool
    as_of: date


def build(group: Group, user: User, as_of: date, fields: Fields) -> Builder:
    """The form of these rules with what they find."""
    found, query = find(group, user, as_of, fields), as_query(group)
    count = sum(1 for _ in rules_of(group))
    problems = {problem.path: problem.sentence for problem in found.problems}
    root = _Form(fields, Offered(user, as_of), problems, short=count > MANY).box(group, ())
    return Builder(root, found, count, count < MOST_RULES, query, fits_url(query), as_of)


class Offered:
    """The values that occur among the customers one may see, read when first asked for."""

    def __init__(self, user: User, as_of: date) -> None:
        self._user, self._as_of = user, as_of
        self._kept: dict[str, Mapping[str, str]] = {}

    def of(self, field: RuleField) -> Mapping[str, str]:
        """Labels by value; nothing where any text may be entered."""
        if field.name not in self._kept:
            self._kept[field.name] = field.choices or self._read(field.name)
        return self._kept[field.name]

    def _read(self, name: str) -> Mapping[str, str]:
        if name == "owner":
            return dict(people(self._user).values_list("key", "name"))
        if name in CHOICES:
            return {value: value for value in chosen_values(visible_counts(self._user, self._as_of), name)}
        return {}


class _Form:
    def __init__(self, fields: Fields, offered: Offered, problems: Mapping[Path, str], *, short: bool) -> None:
        self.fields, self.offered, self.problems, self.short, self.number = fields, offered, problems, short, 0
        grouped = groupby(fields.values(), key=lambda each: each.heading)
        self.headings = [(label, tuple(members)) for label, members in grouped]

    def box(self, group: Group, path: Path) -> GroupBox:
        return GroupBox(
            at=_text(path),
            kind=group.kind,
            members=tuple(self._members(group, path)),
            problem=self.problems.get(path, "") if path else "",
            may_nest=len(path) + 1 < DEEPEST,
        )

    def _members(self, group: Group, path: Path) -> Iterator[RuleLine | GroupBox]:
        for position, member in enumerate(group.members):
            at = (*path, position)
            yield self.line(member, at) if isinstance(member, Rule) else self.box(member, at)

    def line(self, rule: Rule, path: Path) -> RuleLine:
        self.number += 1
        known = self.fields.get(rule.field)
        headings = tuple(
            Heading(label, tuple(Option(each.name, each.label, each.name == rule.field) for each in members))
            for label, members in self.headings
            if not (self.short and known) or label == known.heading
        )
        if known is None and rule.field:
            lost = Option(rule.field, f"{rule.field} (no longer there)", chosen=True)
            headings = (Heading("As saved", (lost,)), *headings)
        operators = known.operators if known else ()
        return RuleLine(
            at=_text(path),
            number=self.number,
            label=known.label if known else "",
            headings=headings,
            operators=tuple(Option(each.name, each.words, each.name == rule.operator) for each in operators),
            controls=self.controls(known, rule) if known else tuple(_hidden(rule)),
            definition=known.definition if known else "",
            problem=self.problems.get(path, ""),
            kept_operator="" if known else rule.operator,
        )

    def controls(self, known: RuleField, rule: Rule) -> tuple[Control, ...]:
        operator = next((each for each in known.operators if each.name == rule.operator), None)
        if operator is None:
            return ()
        if operator.slots == (Slot.TEXTS,):
            return (self.texts(known, rule.values),)
        values = (*rule.values, *("",) * len(operator.slots))
        controls = [self.control(known, slot, values[place], place) for place, slot in enumerate(operator.slots)]
        if operator.slots[-1:] == (Slot.BASE,) and values[len(operator.slots) - 1] == PRIOR:
            # Its own value of the time before is one: how many is no question.
            controls[1] = replace(controls[1], type="hidden")
        return tuple(controls)

    def control(self, known: RuleField, slot: Slot, value: str, place: int) -> Control:
        label = f"Rule {self.number}, {known.label}: "
        if slot is Slot.NUMBER:
            return Control("number", f"{label}{'to' if place else 'value'}", value, unit=_unit(known))
        if slot is Slot.SHARE:
            return Control("number", f"{label}per cent", value, unit="%")
        if slot is Slot.DATE:
            return Control("date", f"{label}{'to' if place else 'day'}", value)
        if slot is Slot.WHOLE:
            return Control("whole", f"{label}how many", value)
        if slot is Slot.TEXT:
            return self.text(known, f"{label}value", value)
        named = {Slot.UNIT: UNITS, Slot.PERIOD: PERIODS, Slot.BASE: self.bases(known)}[slot]
        return Control("select", f"{label}which", value, _options(named, (value,)), shapes=slot is Slot.BASE)

    def bases(self, known: RuleField) -> Mapping[str, str]:
        prior = self.fields.get(known.prior)
        return {PRIOR: f"against “{prior.label}”", **BASES} if prior else BASES

    def text(self, known: RuleField, label: str, value: str) -> Control:
        offered = self.offered.of(known)
        if offered and len(offered) <= MOST_OPTIONS:
            return Control("select", label, value, _options({"": "Choose", **offered}, (value,)))
        return Control("text", label, value)

    def texts(self, known: RuleField, values: Sequence[str]) -> Control:
        label, offered = f"Rule {self.number}, {known.label}: values", self.offered.of(known)
        if offered and len(offered) <= MOST_OPTIONS:
            return Control("select", label, options=_options(offered, values), several=True)
        return Control("lines", label, "\n".join(values))


def _hidden(rule: Rule) -> Iterator[Control]:
    """What a rule without a known field was written with, so that nothing is lost on the way."""
    yield from (Control("hidden", "", value) for value in rule.values)


def _options(named: Mapping[str, str], chosen: Sequence[str]) -> tuple[Option, ...]:
    options = tuple(Option(value, label, value in chosen) for value, label in named.items())
    lost = tuple(Option(value, value, chosen=True) for value in chosen if value and value not in named)
    return (*lost, *options)


def _unit(known: RuleField) -> str:
    return {FieldKind.MONEY: "money", FieldKind.PERCENT: "%", FieldKind.DAYS: "days"}.get(known.kind, "")


def _text(path: Path) -> str:
    return ".".join(map(str, path))
