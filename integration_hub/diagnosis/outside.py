"""Checks that ask what is outside of this process: the pages, each ERP with its read-only proof, and Salesforce."""

from collections.abc import Iterator

from integration_hub.config import Hub
from integration_hub.diagnosis.check import Check, Light
from integration_hub.diagnosis.salesforce import inspect
from integration_hub.diagnosis.stored import keep
from integration_hub.diagnosis.web import web_checks
from integration_hub.models import SourceProof
from integration_hub.proofs import checked
from integration_hub.sources import SALESFORCE, SourceProblem, opened_source


def outside_checks(configuration: Hub) -> Iterator[Check]:
    """The pages, one check per ERP source, then those of Salesforce, which are kept for the page as well."""
    yield from web_checks()
    for source in configuration.sources:
        yield from check_source(source.name, source.label)
    if configuration.salesforce is not None:
        found = inspect(configuration)
        keep(SALESFORCE, found)
        yield from found.checks


def check_source(name: str, label: str) -> Iterator[Check]:
    """Whether the source can be reached, why nobody can write to it through us and since when that is so."""
    title = f"Source: {label}"
    try:
        with opened_source(name) as source:
            found = checked(source)
    except SourceProblem as problem:
        yield Check(title, Light.RED, f"{problem.problem} {problem.meaning}".strip(), problem.remedy)
        return
    since = SourceProof.objects.filter(pk=name).values_list("holds_since", flat=True).first()
    held = f" So since {since:%Y-%m-%d %H:%M} UTC." if since else ""
    unproven = "" if found.proven else " Not yet proven against a live system."
    yield Check(title, Light.GREEN, f"{found.version}. Read-only: {found.read_only_proof}{held}{unproven}")
    for warning in found.warnings:
        yield Check(title, Light.AMBER, warning, "See the page ERP sources; do what it says before it is too late.")
