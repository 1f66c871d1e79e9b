"""How completely the ERPs behind a customer are here: since which day, read when, and what they do not provide."""

from collections.abc import Iterable

from integration_hub.completeness import SourceStatement, statements


def build_completeness(keys: Iterable[str]) -> tuple[SourceStatement, ...]:
    """Of the sources of these ERP customers, in the order of hub.toml."""
    names = {key.partition(":")[0] for key in keys}
    return statements(sorted(names)) if names else ()
