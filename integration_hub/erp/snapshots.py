"""What is said where a source can no longer be seen at the instant it was read."""

from integration_hub.sources import SourceProblem


def snapshot_lost(label: str) -> SourceProblem:
    """Why what was read cannot be compared with its source: a new session would show another instant."""
    return SourceProblem(
        f"The session with {label} ended before what was read was compared.",
        "What changed since would look like a difference, so nothing was compared.",
        "Nothing to do: the next load is compared again.",
        transient=True,
    )
