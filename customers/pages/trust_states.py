"""The three states of a comparison; each comes with words that say the same."""

from collections.abc import Iterable

GREEN, AMBER, RED = "green", "amber", "red"
STATES = (GREEN, AMBER, RED)


def worst(states: Iterable[str]) -> str:
    """The state that speaks for several; amber for none, as nothing was compared."""
    return max(states, key=STATES.index, default=AMBER)
