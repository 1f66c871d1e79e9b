"""Which streams are read together although only one of them was asked for."""

from collections.abc import Collection, Sequence

from integration_hub.config import StreamConfig, hub
from integration_hub.sources import SALESFORCE, open_source

# A document and the rows that must add up to it. Read without each other, a document that changed would stand in
# quarantine until the other half comes.
FAMILIES = (
    frozenset({"erp_order", "erp_order_line"}),
    frozenset({"erp_delivery", "erp_delivery_line"}),
    frozenset({"erp_invoice", "erp_invoice_line", "erp_open_item"}),
)


def with_family(streams: Sequence[StreamConfig], names: Collection[str]) -> set[str]:
    """These streams, and those whose rows belong to the same documents."""
    tables = {stream.target for stream in streams if stream.name in names}
    kin = {table for family in FAMILIES if family & tables for table in family}
    return {stream.name for stream in streams if stream.name in names or stream.target in kin}


def streams_of(source: str) -> Sequence[StreamConfig]:
    """The streams of a source by its name; none where hub.toml has no such source."""
    known = hub()
    if source == SALESFORCE:
        return open_source(SALESFORCE).streams if known.salesforce else ()
    return next((each.streams for each in known.sources if each.name == source), ())
