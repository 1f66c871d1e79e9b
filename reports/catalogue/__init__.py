"""The reports there are. Each is a module of this package with a REPORT; being here is all it takes."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from reports.shape import Report


@cache
def reports() -> Mapping[str, Report]:
    """All reports by name, in the order in which they are offered."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    found: list[Report] = sorted((module.REPORT for module in modules), key=lambda each: (each.position, each.title))
    return MappingProxyType({report.name: report for report in found})


def reports_for(hidden: frozenset[str]) -> tuple[Report, ...]:
    """The reports for somebody from whom these columns are hidden; one that rests on such a figure is not among
    them.
    """
    return tuple(report for report in reports().values() if not report.rests_on & hidden)


def get_report(name: str) -> Report:
    """The report of that name; KeyError names the ones there are."""
    if name not in reports():
        raise KeyError(f"There is no report {name!r}; there are: {', '.join(reports())}.")
    return reports()[name]
