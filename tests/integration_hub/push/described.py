"""Fields as describe tells about them, for tests that need no org."""

from typing import Any

from integration_hub.salesforce.describe import FieldInfo


def currency(name: str = "Amount__c", **changes: Any) -> FieldInfo:
    """A writable currency field of 18 digits, two of them decimals."""
    return _field(name, **{"type": "currency", "precision": 18, "scale": 2} | changes)


def number(name: str = "Count__c", **changes: Any) -> FieldInfo:
    """A writable number field without decimals."""
    return _field(name, **{"type": "double", "precision": 18, "scale": 0} | changes)


def day(name: str = "Day__c", **changes: Any) -> FieldInfo:
    """A writable date field."""
    return _field(name, **{"type": "date"} | changes)


def text(name: str = "Text__c", **changes: Any) -> FieldInfo:
    """A writable text field of 10 characters."""
    return _field(name, **{"type": "string", "length": 10} | changes)


def _field(name: str, **changes: Any) -> FieldInfo:
    usual: dict[str, Any] = {
        "label": name, "length": 0, "precision": 0, "scale": 0, "updateable": True, "nillable": True, "calculated":
        False, "picklist": (), }  # fmt: skip
    return FieldInfo(name=name, **usual | changes)
