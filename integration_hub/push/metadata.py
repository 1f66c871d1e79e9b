"""Writes what a Salesforce administrator deploys, as SFDX source: fields, permission sets, the link to a page."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from integration_hub.config import PushField, SalesforceConfig
from integration_hub.push.permission_sets import permission_sets
from integration_hub.push.wanted import FieldNeed, Kind

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
SOURCE = Path("force-app", "main", "default")
CUSTOM = "__c"
LINK_FIELD = "Customer_360__c"
LINKED = ("Account", "Opportunity")  # whose records get the link field
ACCOUNT_PAGE = "/customers/by-salesforce-id/"
# A text of unknown length gets the most that a Text field holds.
DIGITS, TEXT_LENGTH, KEY_LENGTH = 18, 255, 40
LONGEST_LABEL, LONGEST_HELP, LONGEST_NAME = 40, 510, 40
HELP = "Written by Customer 360 from the ERP. Changes made by hand are overwritten."
Elements = Mapping[str, str]


class CannotWriteMetadata(ValueError):
    """Salesforce would refuse a file; the text says which part of the configuration to change."""


def write_metadata(
    directory: Path,
    salesforce: SalesforceConfig,
    rules: Sequence[PushField],
    needs: Mapping[str, FieldNeed],
    public_url: str = "",
) -> list[Path]:
    """Write everything below the directory and return the files, in the order written; the same bytes each time.

    Only custom fields (ending in __c, without a package's prefix) are created; of others only the permission is
    written. Without `public_url` there is no link field. Raises CannotWriteMetadata, and KeyError for a rule whose
    need is not known.
    """
    fields = {salesforce.erp_number_field: _key_field()}
    fields |= {rule.field: _pushed(rule, needs[rule.field]) for rule in rules}
    own = {name: elements for name, elements in fields.items() if _is_ours(name)}
    if public_url:
        own[LINK_FIELD] = _link_field(public_url)
    for name in own:
        _check_name(name)
    written = [_write_field(directory, "Account", name, each) for name, each in own.items()]
    if public_url:
        link = own[LINK_FIELD]
        written += [_write_field(directory, sobject, LINK_FIELD, link) for sobject in LINKED if sobject != "Account"]
    links = [f"{sobject}.{LINK_FIELD}" for sobject in LINKED] if public_url else []
    for name, root in permission_sets(salesforce, [rule.field for rule in rules], links):
        root.set("xmlns", NAMESPACE)
        path = directory / SOURCE / "permissionsets" / f"{name}.permissionset-meta.xml"
        written.append(_write(path, root))
    return [*written, _write_project(directory, salesforce.api_version)]


def left_over(directory: Path, written: Iterable[Path]) -> list[Path]:
    """Field files of an earlier run that this configuration no longer asks for; deploying them makes those fields."""
    fields = directory / SOURCE / "objects" / "Account" / "fields"
    return sorted(set(fields.glob("*.field-meta.xml")) - set(written))


def link_formula(public_url: str) -> str:
    """The formula text that opens the customer of an account or opportunity here. CannotWriteMetadata for what is no
    web address.
    """
    parts = urlsplit(public_url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
        raise CannotWriteMetadata(f'PUBLIC_URL is "{public_url}": use an address such as https://hub.example.com.')
    if re.search(r'["\'\\\s<>]', public_url) or parts.username:
        raise CannotWriteMetadata("PUBLIC_URL holds a character that cannot stand in a link.")
    address = public_url.rstrip("/") + ACCOUNT_PAGE
    return f'HYPERLINK("{address}" & CASESAFEID(Id), "Open Customer 360", "_blank")'


def _is_ours(name: str) -> bool:
    """Whether a deployment can make the field: standard ones exist, those of a package (prefix__Name__c) come along."""
    return name.endswith(CUSTOM) and "__" not in name.removesuffix(CUSTOM)


def _check_name(name: str) -> None:
    plain = name.removesuffix(CUSTOM)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*", plain) or len(plain) > LONGEST_NAME:
        raise CannotWriteMetadata(
            f'Salesforce accepts no field named "{name}": use at most {LONGEST_NAME} letters, digits and single '
            "underscores before __c, beginning with a letter and not ending with an underscore."
        )


def _key_field() -> Elements:
    return {
        "label": "ERP number",
        "inlineHelpText": "Customer number in the ERP. Links the account to its orders and invoices.",
        "type": "Text",
        "length": str(KEY_LENGTH),
        "required": "false",
        "externalId": "true",
        "unique": "true",
        "caseSensitive": "false",
    }


def _link_field(public_url: str) -> Elements:
    return {
        "label": "Customer 360",
        "inlineHelpText": "Opens the orders, invoices and figures of this customer.",
        "type": "Text",
        "required": "false",
        "formula": link_formula(public_url),
        "formulaTreatBlanksAs": "BlankAsZero",
    }


def _pushed(rule: PushField, need: FieldNeed) -> Elements:
    label = rule.label or f"ERP {rule.measure.replace('_', ' ')}"
    return {
        "label": label[:LONGEST_LABEL].strip(),
        "inlineHelpText": HELP[:LONGEST_HELP],
        "required": "false",
        **_type(need),
    }


def _type(need: FieldNeed) -> Elements:
    if need.kind is Kind.DATE:
        return {"type": "Date"}
    if need.kind is Kind.TEXT:
        return {"type": "Text", "length": str(need.length or TEXT_LENGTH)}
    name = "Currency" if need.kind is Kind.MONEY else "Number"
    return {"type": name, "precision": str(DIGITS), "scale": str(need.decimals)}


def _write_field(directory: Path, sobject: str, name: str, elements: Elements) -> Path:
    path = directory / SOURCE / "objects" / sobject / "fields" / f"{name}.field-meta.xml"
    return _write(path, _field_xml(name, elements))


def _field_xml(name: str, elements: Elements) -> ET.Element:
    """fullName, then the others by the alphabet: the order of the metadata schema, and of what Salesforce hands out."""
    root = ET.Element("CustomField", xmlns=NAMESPACE)
    ET.SubElement(root, "fullName").text = name
    for each in sorted(elements):
        ET.SubElement(root, each).text = elements[each]
    return root


def _write_project(directory: Path, api_version: str) -> Path:
    content = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "sourceApiVersion": api_version,
    }
    path = directory / "sfdx-project.json"
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")
    return path


def _write(path: Path, root: ET.Element) -> Path:
    ET.indent(root, "    ")
    path.parent.mkdir(parents=True, exist_ok=True)
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
