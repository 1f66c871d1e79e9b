"""The fields and the permission set that an administrator deploys."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from integration_hub.config import PushField, SalesforceConfig
from integration_hub.push.metadata import NAMESPACE, write_metadata
from integration_hub.push.wanted import Kind

RULES = (
    PushField(field="ERP_Overdue_Amount__c", measure="overdue_amount", label="Overdue & late"),
    PushField(field="ERP_Figures_As_Of__c", measure="as_of"),
    PushField(field="AnnualRevenue", measure="revenue_last_year"),
)
KINDS = {"ERP_Overdue_Amount__c": Kind.MONEY, "ERP_Figures_As_Of__c": Kind.DATE, "AnnualRevenue": Kind.MONEY}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_metadata(tmp_path, SalesforceConfig(login_url="https://example.my.salesforce.com"), RULES, KINDS)
    return tmp_path / "force-app" / "main" / "default"


def texts(path: Path) -> dict[str, str]:
    root = ET.parse(path).getroot()  # noqa: S314
    return {element.tag.removeprefix(f"{{{NAMESPACE}}}"): element.text or "" for element in root}


def test_each_custom_field_has_a_file_with_its_type(source: Path) -> None:
    fields = source / "objects" / "Account" / "fields"
    assert sorted(path.name for path in fields.iterdir()) == [
        "ERP_Figures_As_Of__c.field-meta.xml",
        "ERP_Number__c.field-meta.xml",
        "ERP_Overdue_Amount__c.field-meta.xml",
    ]
    amount = texts(fields / "ERP_Overdue_Amount__c.field-meta.xml")
    assert (amount["type"], amount["precision"], amount["scale"], amount["label"]) == (
        "Currency",
        "18",
        "2",
        "Overdue & late",
    )
    key = texts(fields / "ERP_Number__c.field-meta.xml")
    assert (key["type"], key["externalId"], key["unique"]) == ("Text", "true", "true")


def test_the_permission_set_lets_the_user_edit_pushed_fields_and_only_read_the_key(source: Path) -> None:
    root = ET.parse(source / "permissionsets" / "ERP_Rollup_Writer.permissionset-meta.xml").getroot()  # noqa: S314
    rights = {
        entry.findtext(f"{{{NAMESPACE}}}field"): entry.findtext(f"{{{NAMESPACE}}}editable")
        for entry in root.findall(f"{{{NAMESPACE}}}fieldPermissions")
    }
    assert rights == {
        "Account.AnnualRevenue": "true",
        "Account.ERP_Figures_As_Of__c": "true",
        "Account.ERP_Number__c": "false",
        "Account.ERP_Overdue_Amount__c": "true",
    }
    deletable = {
        entry.findtext(f"{{{NAMESPACE}}}allowDelete") for entry in root.findall(f"{{{NAMESPACE}}}objectPermissions")
    }
    assert deletable == {"false"}
