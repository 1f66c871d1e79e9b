"""Checks how opportunities and orders are to be matched: fields that are mirrored, numbers that can be."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from integration_hub.config.problems import ConfigurationError
from integration_hub.config.shape import Hub

Keys = tuple[str | int, ...]
# Key here -> the key of [salesforce] that has to name its fields too.
FIELDS = {
    "order_number_fields": "opportunity_fields",
    "po_number_fields": "opportunity_fields",
    "quote_number_fields": "opportunity_fields",
    "salesforce_order_number_fields": "order_fields",
    "salesforce_quote_number_fields": "quote_fields",
}
AMOUNTS = ("tolerance_percent", "tolerance_amount", "minimum_order")


def check_handover(hub: Hub, where: Callable[[Keys], str]) -> None:
    """Raise ConfigurationError for a field that is not mirrored, and for an amount that is none."""
    for key, fields in FIELDS.items():
        mirrored = getattr(hub.salesforce, fields) if hub.salesforce else ()
        missing = next((name for name in getattr(hub.handover, key) if name not in mirrored), None)
        if missing is not None:
            raise ConfigurationError(
                where(("handover", key)),
                f'"{missing}" is not mirrored, so no number can be read from it.',
                f"Name it in {fields} of [salesforce] too, in the same letters.",
            )
    for key in AMOUNTS:
        if not _is_amount(getattr(hub.handover, key)):
            raise ConfigurationError(
                where(("handover", key)), f'"{getattr(hub.handover, key)}" is no amount.', 'Write it as "2" or "49.90".'
            )


def _is_amount(text: str) -> bool:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return False
    return amount.is_finite() and 0 <= amount < Decimal("1e15")
