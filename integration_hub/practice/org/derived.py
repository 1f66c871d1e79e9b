"""Values that Salesforce computes itself: full names, opportunity stage flags, compound addresses."""

from __future__ import annotations

from decimal import Decimal

from .fields import Field, ObjectType, Record, Value

STAGE_PROBABILITY = {
    "Prospecting": 10, "Qualification": 10, "Needs Analysis": 20, "Value Proposition": 50,
    "Proposal/Price Quote": 75, "Negotiation/Review": 90, "Closed Won": 100, "Closed Lost": 0,
}  # fmt: skip
ADDRESS_PARTS = ("street", "city", "state", "postalCode", "country", "latitude", "longitude", "geocodeAccuracy")


def derive(sobject: ObjectType, record: Record, changed: Record) -> None:
    """Bring the computed fields of a record in line with the fields just written."""
    if sobject.name in {"Contact", "User"} or (record.get("IsPersonAccount") and record.get("LastName")):
        record["Name"] = " ".join(str(record[part]) for part in ("FirstName", "LastName") if record.get(part))
    if sobject.name == "Opportunity":
        _derive_opportunity(record, changed)


def _derive_opportunity(record: Record, changed: Record) -> None:
    stage = str(record.get("StageName"))
    record["IsWon"] = stage == "Closed Won"
    record["IsClosed"] = stage in {"Closed Won", "Closed Lost"}
    if "StageName" in changed and "Probability" not in changed:
        record["Probability"] = Decimal(STAGE_PROBABILITY.get(stage, 10))
    if "StageName" in changed and "ForecastCategoryName" not in changed:
        closed = {"Closed Won": "Closed", "Closed Lost": "Omitted"}
        record["ForecastCategoryName"] = closed.get(stage, "Pipeline")
    amount, probability = record.get("Amount"), record.get("Probability")
    if isinstance(amount, Decimal) and isinstance(probability, Decimal):
        record["ExpectedRevenue"] = (amount * probability / 100).quantize(Decimal("0.01"))
    close = record.get("CloseDate")
    if isinstance(close, str):
        record["FiscalYear"], record["FiscalQuarter"] = int(close[:4]), (int(close[5:7]) + 2) // 3


def address(field: Field, record: Record) -> dict[str, Value] | None:
    """The compound value of an address field: its parts, or None when all are empty."""
    stem = field.name.removesuffix("Address")
    parts = {part: record.get(stem + part[0].upper() + part[1:]) for part in ADDRESS_PARTS}
    return parts if any(value is not None for value in parts.values()) else None
