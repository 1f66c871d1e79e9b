"""Checks that ask the systems outside: each ERP with its proof of being read-only, and Salesforce."""

from collections.abc import Iterator

from integration_hub.config import Hub
from integration_hub.diagnosis.check import Check, Light
from integration_hub.diagnosis.salesforce import inspect
from integration_hub.diagnosis.stored import keep
from integration_hub.sources import SALESFORCE, SourceProblem, open_source


def outside_checks(configuration: Hub) -> Iterator[Check]:
    """One check per ERP source, then those of Salesforce, which are kept for the page as well."""
    for source in configuration.sources:
        yield check_source(source.name, source.label)
    if configuration.salesforce is not None:
        found = inspect(configuration)
        keep(SALESFORCE, found)
        yield from found.checks


def check_source(name: str, label: str) -> Check:
    """Whether the source can be reached, and why nobody can write to it through us."""
    try:
        found = open_source(name).check()
    except SourceProblem as problem:
        return Check(f"Source: {label}", Light.RED, f"{problem.problem} {problem.meaning}".strip(), problem.remedy)
    text = " ".join([f"{found.version}. Read-only: {found.read_only_proof}", *found.warnings])
    light = Light.AMBER if found.warnings else Light.GREEN
    remedy = "See to what is said there; everything else works." if found.warnings else ""
    return Check(f"Source: {label}", light, text, remedy)
