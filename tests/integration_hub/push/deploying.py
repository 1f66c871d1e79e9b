"""Deploys SFDX source to the practice org, as the Salesforce command line would to a real one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.practice_org import PracticeOrg

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
TYPES = {"Currency": "currency", "Number": "double", "Date": "date", "Text": "string"}
MIRRORED = ("Account", "Contact", "Opportunity")


def root_of(path: Path) -> ET.Element:
    """The XML of a file, its tags without the namespace; fails where one is in no namespace."""
    root = ET.parse(path).getroot()  # noqa: S314 - our own files
    for element in root.iter():
        assert element.tag.startswith(NAMESPACE), f"{path.name}: <{element.tag}> is in no namespace"
        element.tag = element.tag.removeprefix(NAMESPACE)
    return root


def texts(element: ET.Element) -> dict[str, str]:
    """Tag -> text of an element's children."""
    return {child.tag: child.text or "" for child in element}


def deploy_fields(org: PracticeOrg, source: Path) -> list[str]:
    """Create every field; nobody gets access by that. Returns their API names."""
    made = []
    for path in sorted((source / "objects" / "Account" / "fields").iterdir()):
        field = texts(root_of(path))
        made.append(field["fullName"])
        spec: dict[str, Any] = {"name": field["fullName"], "label": field["label"], "type": TYPES[field["type"]]}
        spec |= {name: int(field[name]) for name in ("length", "precision", "scale") if name in field}
        spec |= {name: field[name] == "true" for name in ("externalId", "unique") if name in field}
        if "formula" in field:
            spec |= {"calculated": True}
        org.admin("fields", {"sobject": "Account", "fields": [spec]})
        _grant(org, "Account", field["fullName"], readable=False, editable=False)
    return made


def hide_everything(org: PracticeOrg, describes: dict[str, dict[str, Any]]) -> None:
    """Take away each access that a permission could give: what the least privileged user starts with."""
    for sobject in MIRRORED:
        for field in describes[sobject]["fields"]:
            if field["permissionable"]:
                _grant(org, sobject, field["name"], readable=False, editable=False)


def assign(org: PracticeOrg, source: Path, name: str, describes: dict[str, dict[str, Any]] | None = None) -> None:
    """Give the integration user the rights of a permission set; that of an address is that of its parts."""
    for permission in root_of(source / "permissionsets" / f"{name}.permissionset-meta.xml").findall("fieldPermissions"):
        words = texts(permission)
        sobject, field = words["field"].split(".")
        rights = {"readable": words["readable"] == "true", "editable": words["editable"] == "true"}
        for each in (field, *_parts(sobject, field, describes or {})):
            _grant(org, sobject, each, **rights)


def _parts(sobject: str, whole: str, describes: dict[str, dict[str, Any]]) -> Iterator[str]:
    for field in describes.get(sobject, {"fields": []})["fields"]:
        if field["compoundFieldName"] == whole:
            yield field["name"]


def _grant(org: PracticeOrg, sobject: str, field: str, *, readable: bool, editable: bool) -> None:
    rights = {"user": org.username, "sobject": sobject, "field": field, "readable": readable, "editable": editable}
    org.admin("field_access", rights)
