"""The fields and the permission sets that an administrator deploys: well-formed, in order, and enough to work."""

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from integration_hub.config import PushField, SalesforceConfig, read_hub
from integration_hub.push.metadata import CannotWriteMetadata, left_over, link_formula, write_metadata
from integration_hub.push.preflight import State, check_fields
from integration_hub.push.wanted import FieldNeed, Kind, needs_of
from integration_hub.salesforce.client import Org, connect
from integration_hub.salesforce.source import SalesforceSource
from tests.integration_hub.push.deploying import MIRRORED, assign, deploy_fields, hide_everything, root_of, texts
from tests.practice_org import PracticeOrg

RULES = (
    PushField(field="ERP_Overdue_Amount__c", measure="overdue_amount", label="Overdue & late <now>"),
    PushField(field="ERP_Figures_As_Of__c", measure="as_of"),
    PushField(field="ERP_Segment__c", measure="segment"),
    PushField(field="ERP_Days__c", measure="dso"),
    PushField(field="AnnualRevenue", measure="revenue_last_year"),
    PushField(field="acme__Score__c", measure="overdue_count"),
)
NEEDS = {
    "ERP_Overdue_Amount__c": FieldNeed(Kind.MONEY, decimals=2),
    "ERP_Figures_As_Of__c": FieldNeed(Kind.DATE),
    "ERP_Segment__c": FieldNeed(Kind.TEXT, length=60, values=("Large, overdue", "Small")),
    "ERP_Days__c": FieldNeed(Kind.NUMBER),
    "AnnualRevenue": FieldNeed(Kind.MONEY, decimals=2),
    "acme__Score__c": FieldNeed(Kind.NUMBER),
}
SALESFORCE = SalesforceConfig(
    login_url="https://example.my.salesforce.com",
    account_fields=("Rating", "Region__c"),
    contact_fields=("Role__c",),
)
ADDRESS = "https://hub.example.com"
BELOW = Path("force-app", "main", "default")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_metadata(tmp_path, SALESFORCE, RULES, NEEDS, ADDRESS)
    return tmp_path / BELOW


def field(source: Path, name: str) -> dict[str, str]:
    return texts(root_of(source / "objects" / "Account" / "fields" / f"{name}.field-meta.xml"))


def rights(source: Path, name: str) -> dict[str, bool]:
    """Field -> may be edited, of a permission set in which every field may be read."""
    root = root_of(source / "permissionsets" / f"{name}.permissionset-meta.xml")
    found = [texts(each) for each in root.findall("fieldPermissions")]
    assert {each["readable"] for each in found} == {"true"}
    return {each["field"]: each["editable"] == "true" for each in found}


def test_only_custom_fields_of_our_own_are_created(source: Path) -> None:
    names = sorted(path.name for path in (source / "objects" / "Account" / "fields").iterdir())
    assert names == [
        "Customer_360__c.field-meta.xml",
        "ERP_Days__c.field-meta.xml",
        "ERP_Figures_As_Of__c.field-meta.xml",
        "ERP_Number__c.field-meta.xml",
        "ERP_Overdue_Amount__c.field-meta.xml",
        "ERP_Segment__c.field-meta.xml",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "ERP_Overdue_Amount__c",
            {"type": "Currency", "precision": "18", "scale": "2", "label": "Overdue & late <now>"},
        ),
        ("ERP_Days__c", {"type": "Number", "precision": "18", "scale": "0", "label": "ERP dso"}),
        ("ERP_Figures_As_Of__c", {"type": "Date", "label": "ERP as of"}),
        ("ERP_Segment__c", {"type": "Text", "length": "60", "label": "ERP segment"}),
        (
            "ERP_Number__c",
            {"type": "Text", "length": "40", "externalId": "true", "unique": "true", "caseSensitive": "false"},
        ),
    ],
)
def test_a_field_is_typed_from_what_its_measure_holds(source: Path, name: str, expected: dict[str, str]) -> None:
    found = field(source, name)
    assert {"fullName": name, "required": "false", **expected}.items() <= found.items()
    assert set(found) - set(expected) - {"label"} == {"fullName", "inlineHelpText", "required"}


def test_a_number_has_the_decimals_of_its_measure(tmp_path: Path) -> None:
    write_metadata(tmp_path, SALESFORCE, RULES, NEEDS | {"ERP_Days__c": FieldNeed(Kind.NUMBER, decimals=1)})
    assert field(tmp_path / BELOW, "ERP_Days__c")["scale"] == "1"


def test_the_link_field_opens_the_account_here(source: Path) -> None:
    found = field(source, "Customer_360__c")
    assert (found["type"], found["formulaTreatBlanksAs"]) == ("Text", "BlankAsZero")
    assert found["formula"] == (
        'HYPERLINK("https://hub.example.com/customers/by-salesforce-id/" & CASESAFEID(Id), "Open Customer 360", '
        '"_blank")'
    )
    # An opportunity's id opens the same customer.
    of_deals = source / "objects" / "Opportunity" / "fields" / "Customer_360__c.field-meta.xml"
    assert of_deals.read_bytes() == (source / "objects" / "Account" / "fields" / of_deals.name).read_bytes()
    assert {"Account.Customer_360__c", "Opportunity.Customer_360__c"} <= set(rights(source, "ERP_Rollup_Reader"))


def test_without_a_public_address_there_is_no_link_field_and_no_permission_for_it(tmp_path: Path) -> None:
    write_metadata(tmp_path, SALESFORCE, RULES, NEEDS)
    assert not list(tmp_path.rglob("Customer_360__c*"))
    assert not [name for name in rights(tmp_path / BELOW, "ERP_Rollup_Reader") if "Customer_360__c" in name]


@pytest.mark.parametrize(
    "address", ["hub.example.com", "ftp://hub", "https://", 'https://a"b', "https://a/?q=1", "https://me:pw@hub"]
)
def test_a_public_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(CannotWriteMetadata, match="PUBLIC_URL"):
        link_formula(address)


@pytest.mark.parametrize("name", ["_A__c", "9__c", "A-B__c", "Trailing___c", f"{'x' * 41}__c"])
def test_a_name_that_salesforce_refuses_is_named(tmp_path: Path, name: str) -> None:
    rule = PushField(field=name, measure="overdue_amount")
    with pytest.raises(CannotWriteMetadata, match=re.escape(name)):
        write_metadata(tmp_path, SALESFORCE, [rule], {name: FieldNeed(Kind.MONEY, decimals=2)})


def test_a_file_of_an_earlier_configuration_is_named(tmp_path: Path) -> None:
    write_metadata(tmp_path, SALESFORCE, RULES, NEEDS)
    written = write_metadata(tmp_path, SALESFORCE, RULES[1:], NEEDS)
    assert [path.name for path in left_over(tmp_path, written)] == ["ERP_Overdue_Amount__c.field-meta.xml"]


def test_the_command_takes_the_address_from_the_settings(tmp_path: Path, settings: Any) -> None:
    settings.PUBLIC_URL = "hub.example.com"
    with pytest.raises(CommandError, match="PUBLIC_URL"):
        call_command("salesforce_metadata", "--output", str(tmp_path), stdout=StringIO(), stderr=StringIO())
    settings.PUBLIC_URL = ADDRESS
    call_command("salesforce_metadata", "--output", str(tmp_path), stdout=StringIO(), stderr=StringIO())
    assert "CASESAFEID" in field(tmp_path / BELOW, "Customer_360__c")["formula"]


def every_file(source: Path) -> Iterator[Path]:
    yield from source.rglob("*-meta.xml")


def test_elements_stand_in_the_order_of_the_schema(source: Path) -> None:
    files = list(every_file(source))
    assert len(files) == 9
    for path in files:
        assert path.read_bytes().startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<')
        root = root_of(path)
        tags = [child.tag for child in root]
        if root.tag == "CustomField":
            assert path.name == f"{texts(root)['fullName']}.field-meta.xml"
            assert tags.pop(0) == "fullName"
            assert len(texts(root)["label"]) <= 40
            assert len(set(tags)) == len(tags)
        assert tags == sorted(tags), path.name
        for child in root:
            inner = [each.tag for each in child]
            assert inner == sorted(inner), path.name


def test_the_same_configuration_gives_the_same_bytes(tmp_path: Path, source: Path) -> None:
    again = tmp_path / "again"
    write_metadata(again, SALESFORCE, RULES, NEEDS, ADDRESS)
    first = {path.relative_to(source): path.read_bytes() for path in every_file(source)}
    assert {path.relative_to(again / BELOW): path.read_bytes() for path in every_file(again / BELOW)} == first


def test_the_writer_edits_pushed_fields_only_and_reads_what_is_mirrored(source: Path) -> None:
    found = rights(source, "ERP_Rollup_Writer")
    assert {name for name, editable in found.items() if editable} == {f"Account.{rule.field}" for rule in RULES}
    assert {
        "Account.ERP_Number__c",
        "Account.Rating",
        "Account.Region__c",
        "Account.BillingAddress",
        "Contact.Role__c",
        "Opportunity.Amount",
    } <= set(found)
    assert not {name for name in found if re.search(r"\.(Name|OwnerId|StageName|Billing(City|Street))$", name)}


def test_the_writer_may_see_all_records_and_create_or_delete_none(source: Path) -> None:
    root = root_of(source / "permissionsets" / "ERP_Rollup_Writer.permissionset-meta.xml")
    objects = {each["object"]: each for each in map(texts, root.findall("objectPermissions"))}
    assert set(objects) == set(MIRRORED)
    for name, each in objects.items():
        assert (each["allowRead"], each["viewAllRecords"]) == ("true", "true")
        assert {each[right] for right in ("allowCreate", "allowDelete", "modifyAllRecords")} == {"false"}
        assert each["allowEdit"] == ("true" if name == "Account" else "false")
    assert [texts(each)["name"] for each in root.findall("userPermissions")] == ["ApiEnabled", "ViewRoles"]


def test_the_reader_reads_the_figures_and_nothing_else(source: Path) -> None:
    found = rights(source, "ERP_Rollup_Reader")
    pushed = {f"Account.{rule.field}" for rule in RULES if rule.field.endswith("__c")}
    assert set(found) == pushed | {
        "Account.ERP_Number__c",
        "Account.Customer_360__c",
        "Opportunity.Customer_360__c",
    }
    assert not any(found.values())
    root = root_of(source / "permissionsets" / "ERP_Rollup_Reader.permissionset-meta.xml")
    assert root.find("objectPermissions") is None


@pytest.fixture
def settings_of_the_example(practice_org: PracticeOrg) -> SalesforceConfig:
    """[salesforce] of the annotated hub.toml, but of the practice org."""
    example = read_hub(Path(django_settings.HUB_CONFIG)).salesforce_as_read
    assert example is not None
    # What the example reads beside the usual is there in any org that names it.
    for sobject, names in (("Account", example.account_fields), ("Opportunity", example.opportunity_fields)):
        fields = [{"name": name, "label": name, "type": "string", "length": 255} for name in names]
        practice_org.admin("fields", {"sobject": sobject, "fields": fields})
    return SalesforceConfig(
        login_url=practice_org.url,
        client_id=practice_org.client_id,
        client_secret=practice_org.client_secret,
        account_fields=example.account_fields,
        opportunity_fields=example.opportunity_fields,
    )


def preflight(org: Org, rules: tuple[PushField, ...]) -> dict[str, tuple[State, str]]:
    found = check_fields(rules, org.describe("Account").fields, needs_of(rules))
    return {each.field: (each.state, each.remedy) for each in found}


def raw_describes(org: Org) -> dict[str, dict[str, Any]]:
    return {name: org._connection.json("GET", f"sobjects/{name}/describe") for name in MIRRORED}


def test_what_is_deployed_is_green_with_the_permission_set_and_red_without(
    practice_org: PracticeOrg, settings_of_the_example: SalesforceConfig, tmp_path: Path
) -> None:
    rules = read_hub(Path(django_settings.HUB_CONFIG)).push.fields
    write_metadata(tmp_path, settings_of_the_example, rules, needs_of(rules), ADDRESS)
    made = deploy_fields(practice_org, tmp_path / BELOW)
    assert set(made) == {rule.field for rule in rules} | {"ERP_Number__c", "Customer_360__c"}
    without = preflight(connect(settings_of_the_example), rules)
    assert {state for state, _ in without.values()} == {State.RED}
    assert all("permission set ERP_Rollup_Writer" in remedy for _, remedy in without.values())
    assign(practice_org, tmp_path / BELOW, "ERP_Rollup_Writer")
    after = preflight(connect(settings_of_the_example), rules)
    assert {state for state, _ in after.values()} == {State.GREEN}


def test_a_user_with_nothing_but_the_permission_set_reads_the_whole_mirror(
    practice_org: PracticeOrg, settings_of_the_example: SalesforceConfig, tmp_path: Path
) -> None:
    rules = read_hub(Path(django_settings.HUB_CONFIG)).push.fields
    write_metadata(tmp_path, settings_of_the_example, rules, needs_of(rules))
    deploy_fields(practice_org, tmp_path / BELOW)
    describes = raw_describes(connect(settings_of_the_example))
    hide_everything(practice_org, describes)
    source = SalesforceSource(settings_of_the_example)
    assert notes(source, "Account")
    assign(practice_org, tmp_path / BELOW, "ERP_Rollup_Writer", describes)
    source = SalesforceSource(settings_of_the_example)
    assert {name: notes(source, name) for name in MIRRORED} == dict.fromkeys(MIRRORED, ())


def notes(source: SalesforceSource, name: str) -> tuple[str, ...]:
    """What a whole read says is missing, or why it cannot be done at all."""
    stream = next(each for each in source.streams if each.name == name)
    try:
        with source.extract(stream, None) as extract:
            return extract.notes
    except Exception as problem:  # noqa: BLE001 - either way it is missing
        return (str(problem),)
