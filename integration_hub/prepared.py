"""Queries that are written once and asked often: their SQL is made at the first call and kept for all later ones.

Making the SQL of a query takes longer than answering it where a page asks for one customer by index. Only what names
the rows, such as keys of customers, differs from call to call, so only that is put in anew.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import partial, wraps
from operator import itemgetter
from typing import Any, ParamSpec

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    NamedValuesListIterable,
    ValuesIterable,
    ValuesListIterable,
    get_related_populators,
)

from integration_hub import planned
from integration_hub.config import ConfigurationError, Hub, hub

Given = ParamSpec("Given")
# So many shapes of one query are kept: numbers of keys times days that are looked at.
MOST_PLANS = 200
# More keys than this are no shape that comes again.
MOST_IDS = 60
PLAIN = frozenset({str, int})
# No integer key of a database lies so low, and no text of PostgreSQL holds the character NUL.
LOWEST = -(2**62)
# A number beyond a bigint, such as one typed into an address, names no row: this one stands for it, as none has it.
NO_ROW, BEYOND = -(2**63), 2**63
Statement = tuple[str, list[Any]]


def prepared(build: Callable[Given, "QuerySet[Any, Any]"]) -> Callable[Given, list[Any]]:
    """Turns a function that makes a query into one that gives its rows.

    Arguments that are tuples hold keys (all str or all int), and may stand in the query only as they are: in `key__in`
    or `key=`. Everything else must be hashable and decides with the number of keys, and the configuration in force,
    which SQL is used. The function must not itself read anything that changes.
    """
    plans = _Plans(build)

    @wraps(build)
    def rows(*args: Given.args, **named: Given.kwargs) -> list[Any]:
        if not _comes_again(args):
            return list(build(*args, **named))
        plan = plans.of(args, named)
        return [] if plan is None else plan.rows(_keys(args))

    return rows


def prepared_sql(build: Callable[Given, "QuerySet[Any, Any]"]) -> Callable[Given, Statement | None]:
    """The same for a query that becomes part of a statement: SQL and parameters; None where it can have no rows."""
    plans = _Plans(build)

    @wraps(build)
    def statement(*args: Given.args, **named: Given.kwargs) -> Statement | None:
        if not _comes_again(args):
            return written(build(*args, **named))
        plan = plans.of(args, named)
        return None if plan is None else plan.statement(_keys(args))

    return statement


def written(queryset: "QuerySet[Any, Any]") -> Statement | None:
    """SQL and parameters of a query; None where it can have no rows."""
    try:
        sql, parameters = queryset.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, list(parameters)


def _comes_again(args: Sequence[Any]) -> bool:
    """Whether a query of this shape is asked often: of few keys, and none that says more than its text."""
    return not any(
        isinstance(one, tuple) and (len(one) > MOST_IDS or any(type(key) not in PLAIN for key in one)) for one in args
    )


def _keys(args: Sequence[Any]) -> list[Any]:
    keys = [key for one in args if isinstance(one, tuple) for key in one]
    return [NO_ROW if type(key) is int and not -BEYOND < key < BEYOND else key for key in keys]


def _in_force() -> Hub | None:
    """The configuration, or None where there is none yet: a query that needs it says so when it is made."""
    try:
        return hub()
    except ConfigurationError:
        return None


class _Plans:
    """The plans of one query by shape; those of another configuration are forgotten."""

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"]) -> None:
        self._build = build
        self._kept: dict[Any, _Plan | None] = {}
        self._made_for: Hub | None = None

    def of(self, args: Sequence[Any], named: dict[str, Any]) -> "_Plan | None":
        configuration = _in_force()
        if self._made_for is not configuration:
            self._kept, self._made_for = {}, configuration
        kept, shape = self._kept, (*map(_shape, args), *named.items())
        if shape not in kept:
            if len(kept) >= MOST_PLANS:
                kept.clear()
            plan = kept[shape] = _planned(self._build, args, named)
            return plan
        return kept[shape]


def _shape(argument: Any) -> Any:
    return (tuple, len(argument), *map(type, argument[:1])) if isinstance(argument, tuple) else argument


def _marks(argument: Any, place: int) -> Any:
    """Stands for the keys while the query is made."""
    if not isinstance(argument, tuple):
        return argument
    marks = range(place * MOST_IDS, place * MOST_IDS + len(argument))
    return tuple(f"\0key {n}" if isinstance(key, str) else LOWEST - n for n, key in zip(marks, argument, strict=True))


def _planned(build: Callable[..., "QuerySet[Any, Any]"], args: Sequence[Any], named: dict[str, Any]) -> "_Plan | None":
    """None where the query can have no rows, as one for no keys at all."""
    marked = [_marks(one, place) for place, one in enumerate(args)]
    try:
        queryset = build(*marked, **named)
        return _Plan(queryset, [mark for one in marked if isinstance(one, tuple) for mark in one])
    except EmptyResultSet:
        return None


class _Plan:
    """A query with its SQL, and which of the keys stand at which of its parameters."""

    def __init__(self, queryset: "QuerySet[Any, Any]", marks: Sequence[Any]) -> None:
        """Raises EmptyResultSet, and TypeError for a key that is no parameter as it is."""
        self._queryset: Any = queryset
        self._compiler: Any = queryset.query.get_compiler(queryset.db)
        self._written, parameters = self._compiler.as_sql()
        self._sql = ""
        self._parameters = list(parameters)
        order = {mark: place for place, mark in enumerate(marks)}
        self._places = [
            (place, order[value])
            for place, value in enumerate(self._parameters)
            if isinstance(value, str | int) and value in order
        ]
        if {mark for _, mark in self._places} != set(order.values()):
            raise TypeError(f"Not every key is a parameter of the query as it is: {self._written}")
        chosen = [column for column, *_ in self._compiler.select[: self._compiler.col_count]]
        self._converters = self._compiler.get_converters(chosen)
        self._made = _maker(queryset, self._compiler)

    def statement(self, keys: Sequence[Any]) -> Statement:
        """Its SQL, in which everything is written but keys, and these keys."""
        if not self._sql:
            places = {place for place, _ in self._places}
            self._sql = planned.with_constants(self._queryset.db, self._written, self._parameters, places)
        return self._sql, [keys[key] for _, key in self._places]

    def rows(self, keys: Sequence[Any]) -> list[Any]:
        """What iterating the query gives, for these keys."""
        sql, parameters = self.statement(keys)
        found: Any = planned.fetch(sql, parameters, self._queryset.db)
        if self._compiler.has_extra_select:
            found = [row[: self._compiler.col_count] for row in found]
        if self._converters:
            found = self._compiler.apply_converters(found, self._converters)
        return [*map(self._made, found)]


def _maker(queryset: Any, compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """What makes a row of the database one of the query: a tuple, plain or named, a value, a dict, or an object."""
    kind = queryset._iterable_class  # noqa: SLF001 - Django says nowhere else what iterating gives
    if kind is ValuesListIterable:
        return tuple
    if kind is FlatValuesListIterable:
        return itemgetter(0)
    if kind is NamedValuesListIterable:
        named: Any = namedtuple
        return partial(tuple.__new__, named("Row", queryset._fields))
    if kind is ValuesIterable:
        columns = [*(queryset.query.selected or (*queryset.query.values_select, *queryset.query.annotation_select))]
        return lambda row: dict(zip(columns, row, strict=True))
    if kind is not ModelIterable:
        raise TypeError(f"A prepared query gives tuples, values, dicts or objects, not what {kind.__name__} does.")
    return _object_maker(queryset.db, compiler)


def _object_maker(database: str, compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """As Django's ModelIterable makes objects, with the related ones that are read along."""
    select, known = compiler.select, compiler.klass_info
    start, end = known["select_fields"][0], known["select_fields"][-1] + 1
    model, names = known["model"], [column.target.attname for column, *_ in select[start:end]]
    populators: Any = get_related_populators
    related = populators(known, select, database)
    annotations = tuple((compiler.annotation_col_map or {}).items())

    def made(row: Sequence[Any]) -> Any:
        found = model.from_db(database, names, row[start:end])
        for one in related:
            one.populate(row, found)
        for name, place in annotations:
            setattr(found, name, row[place])
        return found

    return made
