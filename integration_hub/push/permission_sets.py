"""The two permission sets: one for the integration user, no more than the mirror and the push need; one for readers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from integration_hub.config import SalesforceConfig
from integration_hub.push.preflight import PERMISSION_SET
from integration_hub.salesforce.objects import OBJECTS

READER_SET = "ERP_Rollup_Reader"
# Roles of the hierarchy decide who sees what here; Salesforce shows them to nobody without ViewRoles.
USER_PERMISSIONS = ("ApiEnabled", "ViewRoles")
WITH_OBJECT_PERMISSIONS = ("Account", "Contact", "Opportunity")
# Salesforce refuses a permission for what everybody sees: required fields and those it keeps itself.
WITHOUT_PERMISSION = frozenset(
    {
        *("Id", "Name", "OwnerId", "MasterRecordId", "IsDeleted", "CreatedDate", "SystemModstamp", "CurrencyIsoCode"),
        *("LastModifiedDate", "LastModifiedById", "CreatedById", "RecordTypeId"),
        *("StageName", "CloseDate", "IsClosed", "IsWon", "LastName"),
    }
)
# Parts of an address have the permission of the whole.
ADDRESS_PARTS = ("Street", "City", "State", "PostalCode", "Country")
ADDRESSES = ("Billing", "Shipping", "Mailing", "Other")


def permission_sets(
    salesforce: SalesforceConfig, pushed: Sequence[str], links: Sequence[str]
) -> Iterator[tuple[str, ET.Element]]:
    """Name and XML of each set. `pushed` are the Account fields that may be edited, `links` fields that only people
    read, as "Object.Field".
    """
    figures = [f"Account.{name}" for name in (salesforce.erp_number_field, *pushed)]
    yield PERMISSION_SET, _writer(salesforce, pushed)
    yield (
        READER_SET,
        _set(
            "ERP rollup reader",
            "For everyone who works with accounts: reads the ERP figures that Customer 360 writes.",
            _field_permissions({name: False for name in (*figures, *links) if name.endswith("__c")}),
        ),
    )


def _writer(salesforce: SalesforceConfig, pushed: Sequence[str]) -> ET.Element:
    rights = {f"{sobject}.{name}": False for sobject, name in _mirrored(salesforce)}
    rights |= {f"Account.{name}": True for name in pushed}
    return _set(
        "ERP rollup writer",
        "For the integration user of Customer 360: reads accounts, contacts, opportunities and roles, edits only the "
        "ERP figures.",
        [
            *_field_permissions(rights),
            *(_object_permission(name, editable=name == "Account") for name in WITH_OBJECT_PERMISSIONS),
            *(_element("userPermissions", {"enabled": "true", "name": name}) for name in sorted(USER_PERMISSIONS)),
        ],
    )


def _mirrored(salesforce: SalesforceConfig) -> Iterator[tuple[str, str]]:
    """Every field that is read and can have a permission."""
    further: Mapping[str, Sequence[str]] = {
        "Account": (salesforce.erp_number_field, *salesforce.identifier_fields, *salesforce.account_fields),
        "Contact": salesforce.contact_fields,
        "Opportunity": salesforce.opportunity_fields,
    }
    for each in OBJECTS:
        if each.sobject not in WITH_OBJECT_PERMISSIONS:
            continue
        for name in (*each.fields.values(), *further[each.sobject]):
            if name not in WITHOUT_PERMISSION:
                yield each.sobject, _whole(name)


def _whole(name: str) -> str:
    for address in ADDRESSES:
        if name.removeprefix(address) in ADDRESS_PARTS and name.startswith(address):
            return f"{address}Address"
    return name


def _set(label: str, description: str, entries: Iterable[ET.Element]) -> ET.Element:
    """Like elements stand together, kinds by the alphabet: a deployment accepts no other order."""
    root = ET.Element("PermissionSet")
    parts = [*entries, *(_text(name, text) for name, text in (("label", label), ("description", description)))]
    root.extend(sorted([*parts, _text("hasActivationRequired", "false")], key=lambda each: each.tag))
    return root


def _field_permissions(rights: Mapping[str, bool]) -> list[ET.Element]:
    return [
        _element("fieldPermissions", {"editable": _word(rights[field]), "field": field, "readable": "true"})
        for field in sorted(rights)
    ]


def _object_permission(name: str, *, editable: bool) -> ET.Element:
    rights = {
        "allowCreate": "false",
        "allowDelete": "false",
        "allowEdit": _word(editable),
        "allowRead": "true",
        "modifyAllRecords": "false",
        "object": name,
        "viewAllRecords": "true",
    }
    return _element("objectPermissions", rights)


def _word(value: bool) -> str:
    return str(value).lower()


def _element(tag: str, texts: Mapping[str, str]) -> ET.Element:
    made = ET.Element(tag)
    made.extend(_text(name, text) for name, text in texts.items())
    return made


def _text(tag: str, text: str) -> ET.Element:
    made = ET.Element(tag)
    made.text = text
    return made
