"""What Tryton refuses, in words for a person."""

from typing import Any

from integration_hub.config import SourceConfig
from integration_hub.erp.http_errors import KEPT, message_of, of_status
from integration_hub.sources import RightLost, SourceProblem


def refused(source: SourceConfig, model: str, status: int, body: Any) -> SourceProblem:
    """An answer that is none. Tryton answers 401 alike for a wrong key and for one that nobody has approved."""
    said = message_of(body)
    if status == 401:
        return RightLost(
            f"{source.label} does not accept our key (status 401).",
            "The key is wrong, it was cancelled, or nobody has approved it yet: Tryton does not say which. " + KEPT,
            'In Tryton, open Administration > Users > User Applications: the key must be there, for "REST API" and in '
            "the state Validated (its user validates it in the preferences). Put it into the environment as api_key.",
        )
    if status == 404:
        return SourceProblem(
            f'{source.label} has no database "{source.database}" at this address (status 404).',
            KEPT,
            "Check url and database in hub.toml. REST came with Tryton 8.0: older servers do not know it.",
        )
    if status in {400, 403}:
        return RightLost(
            f"{source.label} does not let us read {model} (status {status}){': ' + said if said else ''}.",
            f"A right is missing, or a condition in hub.toml is not understood. {KEPT}",
            f"Give a group of the reading user the right to read {model} (Administration > Models > Access Rights), "
            "correct where in hub.toml, or leave the stream out with without.",
        )
    return of_status(source, status, body)


def out_of_order(source: SourceConfig, model: str) -> SourceProblem:
    """A page that holds what was asked for before."""
    return SourceProblem(
        f"A page of {model} of {source.label} repeats records or comes out of order.",
        f"It would leave a gap. {KEPT}",
        "Nothing to do if it happens once: it is tried again. Otherwise a proxy between us and it keeps answers.",
        transient=True,
    )


def missing_model(source: SourceConfig, model: str) -> SourceProblem:
    """A model of a module that is not activated."""
    return SourceProblem(
        f"{source.label} has no model {model}.",
        f"The module that brings it is not activated. {KEPT}",
        "Leave the stream out with without in hub.toml, or activate the module in Tryton.",
    )


def hidden_fields(source: SourceConfig, model: str, names: list[str]) -> SourceProblem:
    """Fields that Tryton leaves out of its answers without a word."""
    return RightLost(
        f"{source.label} does not show us {', '.join(names)} of {model}.",
        f"The reading user may not read it; the figures would be wrong without it. {KEPT}",
        f"Give a group of the reading user the right to read {model}, that field and the model it leads to "
        "(Administration > Models > Access Rights and Fields Access).",
    )


def unknown_companies(source: SourceConfig, wanted: list[str], known: list[str]) -> SourceProblem:
    """A company of hub.toml that is not there."""
    return SourceProblem(
        f"{source.label} has no company {', '.join(repr(each) for each in wanted)}.",
        KEPT,
        f"Name companies by id or name in hub.toml. There are: {', '.join(known) or 'none that we see'}.",
    )


def closed_companies(source: SourceConfig, names: list[str]) -> SourceProblem:
    """A company whose records are kept from us: its documents would look deleted."""
    return SourceProblem(
        f"{source.label} shows us nothing of {', '.join(names)}.",
        f"The reading user does not see this company, so that its documents would look deleted. {KEPT}",
        'In Tryton, add the company to the reading user and set its company filter to "All"; or name only the other '
        "companies in hub.toml.",
    )


def bad_condition(stream: str, where: str) -> SourceProblem:
    """`where` that is no Tryton domain."""
    return SourceProblem(
        f"The condition of {stream} is no domain: {where[:80]}",
        KEPT,
        'Write where in hub.toml as JSON, such as [["state", "!=", "draft"]].',
    )
