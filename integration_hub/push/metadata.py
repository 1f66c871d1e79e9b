"""Writes the Account fields and the permission set that an administrator deploys, in SFDX source format."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from integration_hub.config import PushField, SalesforceConfig
from integration_hub.push.preflight import PERMISSION_SET
from integration_hub.push.wanted import Kind

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
SOURCE = Path("force-app", "main", "default")
TYPES: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    Kind.MONEY: (("type", "Currency"), ("precision", "18"), ("scale", "2"), ("required", "false")),
    Kind.NUMBER: (("type", "Number"), ("precision", "18"), ("scale", "0"), ("required", "false")),
    Kind.DATE: (("type", "Date"), ("required", "false")),
    Kind.TEXT: (("type", "Text"), ("length", "80"), ("required", "false")),
}
KEY_TYPE = (
    ("type", "Text"),
    ("length", "40"),
    ("required", "false"),
    ("externalId", "true"),
    ("unique", "true"),
    ("caseSensitive", "false"),
)
READ_OBJECTS = ("Contact", "Opportunity")


@dataclass(frozen=True)
class _Field:
    name: str
    label: str
    help_text: str
    elements: tuple[tuple[str, str], ...]
    editable: bool


def write_metadata(
    directory: Path, salesforce: SalesforceConfig, rules: Iterable[PushField], kinds: Mapping[str, Kind]
) -> list[Path]:
    """Write everything below the directory and return the files, in the order written.

    Only custom fields (ending in __c) are created; standard ones among the rules get their permission only. KeyError
    for a rule whose kind is not in `kinds`.
    """
    key = _Field(
        salesforce.erp_number_field,
        "ERP number",
        "Customer number in the ERP. Links the account to its orders and invoices.",
        KEY_TYPE,
        editable=False,
    )
    fields = [key, *(_pushed(rule, kinds[rule.field]) for rule in rules)]
    account = directory / SOURCE / "objects" / "Account" / "fields"
    written = [
        _write(account / f"{field.name}.field-meta.xml", _field_xml(field))
        for field in fields
        if field.name.endswith("__c")
    ]
    permissions = directory / SOURCE / "permissionsets" / f"{PERMISSION_SET}.permissionset-meta.xml"
    written.append(_write(permissions, _permission_set_xml(fields)))
    project = directory / "sfdx-project.json"
    content = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "sourceApiVersion": salesforce.api_version,
    }
    project.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return [*written, project]


def _pushed(rule: PushField, kind: Kind) -> _Field:
    label = rule.label or f"ERP {rule.measure.replace('_', ' ')}"
    help_text = "Written by Customer 360 from the ERP. Changes made by hand are overwritten."
    return _Field(rule.field, label[:40], help_text, TYPES[kind], editable=True)


def _field_xml(field: _Field) -> ET.Element:
    root = ET.Element("CustomField", xmlns=NAMESPACE)
    _add(root, "fullName", field.name)
    _add(root, "label", field.label)
    _add(root, "inlineHelpText", field.help_text)
    for name, text in field.elements:
        _add(root, name, text)
    return root


def _permission_set_xml(fields: Iterable[_Field]) -> ET.Element:
    root = ET.Element("PermissionSet", xmlns=NAMESPACE)
    _add(root, "label", "ERP rollup writer")
    _add(
        root,
        "description",
        "For the integration user of Customer 360: reads accounts, contacts and opportunities, writes the ERP figures.",
    )
    for field in sorted(fields, key=lambda each: each.name):
        permission = ET.SubElement(root, "fieldPermissions")
        _add(permission, "editable", str(field.editable).lower())
        _add(permission, "field", f"Account.{field.name}")
        _add(permission, "readable", "true")
    for name in ("Account", *READ_OBJECTS):
        permission = ET.SubElement(root, "objectPermissions")
        _add(permission, "allowCreate", "false")
        _add(permission, "allowDelete", "false")
        _add(permission, "allowEdit", str(name == "Account").lower())
        _add(permission, "allowRead", "true")
        _add(permission, "modifyAllRecords", "false")
        _add(permission, "object", name)
        _add(permission, "viewAllRecords", "true")
    return root


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text


def _write(path: Path, root: ET.Element) -> Path:
    ET.indent(root, "    ")
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
    return path
