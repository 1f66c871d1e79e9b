"""Queries that are written once and asked often: their SQL is made at the first call and kept for all later ones.

Making the SQL of a query takes longer than answering it where a page asks for one customer by index. Only what names
the rows, such as keys of customers, differs from call to call, so only that is put in anew.
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import wraps
from typing import Any, ParamSpec

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from integration_hub.config import Hub, hub

Given = ParamSpec("Given")
# So many shapes of one query are kept: numbers of keys times days that are looked at.
MOST_PLANS = 200
# More keys than this are no shape that comes again.
MOST_IDS = 60
# No integer key of a database lies so low, and no text of PostgreSQL holds the character NUL.
LOWEST = -(2**62)


def prepared(build: Callable[Given, "QuerySet[Any, Any]"]) -> Callable[Given, list[Any]]:
    """Turns a function that makes a query into one that gives its rows.

    Arguments that are tuples hold keys (all str or all int), and may stand in the query only as they are: in `key__in`
    or `key=`. Everything else must be hashable and decides with the number of keys, and the configuration in force,
    which SQL is used. The function must not itself read anything that changes.
    """
    plans: dict[Any, _Plan | None] = {}
    made_for: list[Hub] = []

    @wraps(build)
    def rows(*args: Given.args, **named: Given.kwargs) -> list[Any]:
        configuration = hub()
        if not made_for or made_for[0] is not configuration:
            plans.clear()
            made_for[:] = [configuration]
        shape = (*map(_shape, args), *named.items())
        if shape not in plans:
            if any(isinstance(one, tuple) and len(one) > MOST_IDS for one in args):
                return list(build(*args, **named))
            if len(plans) >= MOST_PLANS:
                plans.clear()
            plans[shape] = _planned(build, args, named)
        plan = plans[shape]
        return [] if plan is None else plan.rows([key for one in args if isinstance(one, tuple) for key in one])

    return rows


def _shape(argument: Any) -> Any:
    return (tuple, len(argument), *map(type, argument[:1])) if isinstance(argument, tuple) else argument


def _marks(argument: Any, place: int) -> Any:
    """Stands for the keys while the query is made."""
    if not isinstance(argument, tuple):
        return argument
    marks = range(place * MOST_IDS, place * MOST_IDS + len(argument))
    return tuple(f"\0{n}" if isinstance(key, str) else LOWEST - n for n, key in zip(marks, argument, strict=True))


def _planned(build: Callable[..., "QuerySet[Any, Any]"], args: Sequence[Any], named: dict[str, Any]) -> "_Plan | None":
    """None where the query can have no rows, as one for no keys at all."""
    marked = [_marks(one, place) for place, one in enumerate(args)]
    queryset = build(*marked, **named)
    try:
        return _Plan(queryset, [mark for one in marked if isinstance(one, tuple) for mark in one])
    except EmptyResultSet:
        return None


class _Plan:
    """A query with its SQL, and which of the keys stand at which of its parameters."""

    def __init__(self, queryset: "QuerySet[Any, Any]", marks: Sequence[Any]) -> None:
        """Raises EmptyResultSet, and TypeError for a key that is no parameter as it is."""
        self._queryset: Any = queryset
        self._compiler: Any = queryset.query.get_compiler(queryset.db)
        self._sql, parameters = self._compiler.as_sql()
        self._parameters = list(parameters)
        order = {mark: place for place, mark in enumerate(marks)}
        self._places = [
            (place, order[value])
            for place, value in enumerate(self._parameters)
            if isinstance(value, str | int) and value in order
        ]
        if {mark for _, mark in self._places} != set(order.values()):
            raise TypeError(f"Not every key is a parameter of the query as it is: {self._sql}")
        chosen = [column for column, *_ in self._compiler.select[: self._compiler.col_count]]
        self._converters = self._compiler.get_converters(chosen)

    def rows(self, keys: Sequence[Any]) -> list[Any]:
        """What iterating the query gives, for these keys."""
        parameters = self._parameters.copy()
        for place, key in self._places:
            parameters[place] = keys[key]
        compiler = copy(self._compiler)
        compiler.connection = connections[self._queryset.db]
        compiler.as_sql = lambda *_args, **_named: (self._sql, tuple(parameters))
        compiler.get_converters = lambda _columns: self._converters
        return list(self._queryset._iterable_class(_Source(self._queryset, compiler)))  # noqa: SLF001


class _Source:
    """A query as Django's iterables read it, with a compiler that has compiled already."""

    def __init__(self, queryset: Any, compiler: Any) -> None:
        self._queryset, self._compiler = queryset, compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queryset, name)

    @property
    def query(self) -> "_Query":
        return _Query(self._queryset.query, self._compiler)


class _Query:
    def __init__(self, query: Any, compiler: Any) -> None:
        self._query, self._compiler = query, compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)

    def get_compiler(self, *_args: Any, **_named: Any) -> Any:
        return self._compiler
