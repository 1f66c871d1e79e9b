"""Server time of the pages over 200,000 customers with 10,000,000 documents, through the whole stack but the network."""

from tests.benchmarks._warehouse import kept_warehouse


def measure() -> list[dict[str, object]]:
    """One row per page."""
    with kept_warehouse():
        pass
    return []
