"""hub.toml is read into frozen dataclasses; whatever cannot work is refused with its line and the fix."""

import dataclasses
from pathlib import Path

import pytest

from integration_hub.config import (
    AccessConfig,
    CanvasConfig,
    Column,
    Company,
    ConfigurationError,
    ExportsConfig,
    Filter,
    PushConfig,
    PushField,
    SalesforceConfig,
    SourceConfig,
    StreamConfig,
    read_hub,
)

ROOT = Path(__file__).resolve().parents[3]
SMALL = """
[company]
name = "Test"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"

[[sources]]
name = "erp"
label = "Test ERP"
kind = "sql"
url = "${ERP_URL}"

[[sources.streams]]
name = "orders"
target = "erp_order"
query = "select '${NOT_A_VARIABLE}' as key"
[sources.streams.columns]
key = "no"
customer = { source = "kunde", strip_zeros = true }
currency = { constant = "EUR" }

[[sources]]
name = "us"
label = "Files"
kind = "files"
directory = "drops"
[[sources.streams]]
name = "invoices"
target = "erp_invoice"
path = "invoices_*.csv"

[salesforce]
login_url = "https://example.my.salesforce.com"
client_secret = "${SECRET:-}"
private_key_file = "keys/app.pem"

[[push.fields]]
field = "ERP_Revenue__c"
measure = "revenue_ytd"
"""
ENVIRONMENT = {"ERP_URL": "postgresql://reader@localhost/erp"}


@pytest.fixture
def write(tmp_path):
    def read(text=SMALL, environment=None):
        path = tmp_path / "hub.toml"
        path.write_text(text, encoding="utf-8")
        return read_hub(path, ENVIRONMENT if environment is None else environment)

    return read


@pytest.fixture
def refused(write):
    def read(old, new, environment=None):
        assert old in SMALL
        with pytest.raises(ConfigurationError) as caught:
            write(SMALL.replace(old, new, 1), environment)
        return caught.value

    return read


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_configuration_is_read_into_frozen_dataclasses(write):
    hub = write()
    assert hub.company.reporting_currency == "EUR"
    assert [source.name for source in hub.sources] == ["erp", "us"]
    orders = hub.source("erp").streams[0]
    assert orders.columns["customer"].source == ("kunde",)
    assert orders.columns["customer"].strip_zeros
    assert hub.push.fields[0].measure == "revenue_ytd"
    with pytest.raises(dataclasses.FrozenInstanceError):
        hub.company.name = "Other"


def test_a_name_alone_is_short_for_one_source_column(write):
    assert write().sources[0].streams[0].columns["key"].source == ("no",)


def test_references_are_replaced_by_the_environment_but_never_within_a_query(write):
    hub = write()
    assert hub.sources[0].url == "postgresql://reader@localhost/erp"
    assert "${NOT_A_VARIABLE}" in hub.sources[0].streams[0].query


def test_a_reference_may_say_what_holds_without_the_variable(write):
    text = SMALL.replace('"drops"', '"${DROPS:-elsewhere}/in"')
    assert write(text).sources[1].directory.endswith("/elsewhere/in")
    assert write(text, {**ENVIRONMENT, "DROPS": "/mnt"}).sources[1].directory == "/mnt/in"


def test_folders_and_key_files_are_relative_to_the_file(write, tmp_path):
    hub = write()
    assert hub.sources[1].directory == str(tmp_path / "drops")
    assert hub.salesforce.private_key_file == str(tmp_path / "keys/app.pem")


def test_a_source_that_does_not_exist_is_told_with_those_that_do(write):
    with pytest.raises(KeyError, match="erp, us"):
        write().source("nav")


def test_a_missing_variable_is_named_with_its_line(refused):
    error = refused("", "", environment={})
    assert "no ERP_URL" in str(error)
    assert f":{line_of(SMALL, 'ERP_URL')} (sources[0].url)" in error.where


def test_a_secret_in_the_file_is_refused(refused):
    error = refused('"${SECRET:-}"', '"hunter2"')
    assert "secret stands in the file" in error.problem
    assert "hunter2" not in str(error)
    assert "secret stands in the file" in refused('"${SECRET:-}"', '"${SECRET:-hunter2}"').problem
    error = refused('"${ERP_URL}"', '"postgresql://reader:hunter2@erp/sales"')
    assert ("secret stands in the file" in error.problem, "hunter2" in str(error)) == (True, False)


def test_an_address_may_refer_to_its_password(write):
    text = SMALL.replace('"${ERP_URL}"', '"postgresql://reader:${PASSWORD}@erp/sales"')
    hub = write(text, {"PASSWORD": "hunter2", "SECRET": ""})
    assert hub.source("erp").url == "postgresql://reader:hunter2@erp/sales"


def test_an_unknown_key_is_refused_with_the_one_that_was_meant(refused):
    error = refused("reporting_currency", "reporting_curency")
    assert 'Unknown key "reporting_curency"' in error.problem
    assert 'Did you mean "reporting_currency"?' in error.fix
    assert ":4 " in error.where


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"EUR"', '"Euro"', "not a currency code"),
        ('"Europe/Berlin"', '"Berlin"', "not a time zone"),
        ('name = "Test"', 'name = "Test"\nfiscal_year_start = 13', "13 is not a month"),
        ('name = "Test"', 'name = "Test"\nfiscal_year_start = "April"', "'April'"),
        ('name = "Test"', 'name = "Test"\ncalendar = "4-5-5"', "'4-5-4'"),
        ('name = "Test"', 'name = "Test"\nweek_ends = "Sat"', "'saturday'"),
        ('name = "Test"', 'name = "Test"\nyear_end = "next"', "'nearest'"),
        ('name = "Test"', 'name = "Test"\ncompanies = "erp:10"', "valid array"),
        ('name = "Test"', 'name = "Test"\ncompanies = ["10"]', '"10" is not the key of a company'),
        ('name = "Test"', 'name = "Test"\ncompanies = ["erp:10", "erp:10"]', "stands there twice"),
        ('name = "Test"\n', "", '"name" is missing'),
        ('name = "erp"', 'name = "ERP 1"', "cannot name a source"),
        ('name = "erp"', 'name = "salesforce"', "cannot name a source"),
        ('name = "us"', 'name = "erp"', 'Two sources are named "erp"'),
        ('kind = "sql"', 'kind = "odbc"', "'sql', 'files'"),
        ('url = "${ERP_URL}"', "", "has no url"),
        ('"${ERP_URL}"', '"http://reader@localhost/erp"', "not the address of a database"),
        ('directory = "drops"', "", "has no directory"),
        ('directory = "drops"', 'directory = "drops"\nencoding = "ansi-ish"', "not an encoding"),
        ('directory = "drops"', 'directory = "drops"\ndelimiter = "||"', "more than one character"),
        ('target = "erp_order"', 'target = "erp_orders"', 'no mirror table "erp_orders"'),
        ("query = \"select '${NOT_A_VARIABLE}' as key\"", "", "has no query"),
        ('path = "invoices_*.csv"', "", "has no path"),
        ('path = "invoices_*.csv"', 'path = "../*.csv"', "leaves the source's directory"),
        ('path = "invoices_*.csv"', 'path = "a.csv"\ncursor = "at"', "no change mark"),
        ("currency = {", "colour = {", 'erp_order has no column "colour"'),
        ("currency = {", "reporting_amount = {", 'no column "reporting_amount"'),
        ('{ constant = "EUR" }', '{ constant = "EUR", source = "c" }', "either a source or a constant"),
        ('{ constant = "EUR" }', "{ decimal_comma = true }", "either a source or a constant"),
        ('target = "erp_order"', 'target = "erp_order"\nparent = "basket"', 'no column "basket"'),
        ("[company]", "[company", "Not valid TOML"),
        ('directory = "drops"', 'directory = "drops"\nevery_minutes = 0', "too small"),
        ('directory = "drops"', 'directory = "drops"\nsettle_seconds = -1', "below zero"),
        ('directory = "drops"', 'directory = "drops"\nmax_deleted_share = 20.0', "20.0 is not a share"),
        ('directory = "drops"', 'directory = "drops"\nsum_tolerance = "a cent"', "is not an amount"),
        ("[salesforce]", "[salesforce]\ndaily_request_share = 80.0", "80.0 is not a share"),
        ("[salesforce]", "[salesforce]\nrun_request_share = 0.0", "0 leaves no request"),
        ("[salesforce]", '[salesforce]\ncontact_fields = ["Score__c", "score__c"]', '"Score__c" stands there twice'),
        ("[[push.fields]]", '[handover]\npo_number_fields = ["Po__c"]\n[[push.fields]]', '"Po__c" is not mirrored'),
        (
            "[[push.fields]]",
            '[handover]\nsalesforce_order_number_fields = ["Erp__c"]\n[[push.fields]]',
            '"Erp__c" is not mirrored',
        ),
        ("[[push.fields]]", '[handover]\ntolerance_percent = "some"\n[[push.fields]]', '"some" is no amount'),
        ("[[push.fields]]", '[handover]\nminimum_order = "-1"\n[[push.fields]]', '"-1" is no amount'),
        ("[[push.fields]]", "[handover]\nlate_days = -1\n[[push.fields]]", "-1 is below zero"),
        ("[salesforce]", '[salesforce]\nvat_field = "VAT number"', '"VAT number" is not the API name'),
        (
            "[salesforce]",
            '[salesforce]\nregistration_field = "reg__c"\naccount_fields = ["Reg__c"]',
            "with other capitals",
        ),
        ("[[push.fields]]", '[salesforce.canvas]\nconsumer_secret = "${SECRET}"\n[[push.fields]]', "no SECRET"),
        ("[[push.fields]]", f'[salesforce.canvas]\nconsumer_secret = "{"x" * 40}"\n[[push.fields]]', "A secret stands"),
        ('field = "ERP_Revenue__c"', 'field = "ERP Revenue"', "not the API name"),
        (
            "[[push.fields]]",
            '[[push.fields]]\nfield = "erp_revenue__c"\nmeasure = "revenue_12m"\n[[push.fields]]',
            'Two measures go to the field "ERP_Revenue__c"',
        ),
    ],
)
def test_nonsense_is_refused_with_its_place_and_the_fix(refused, old, new, words):
    error = refused(old, new)
    assert words in error.problem
    assert error.fix
    assert "hub.toml" in error.where


def canvas(origins):
    return f'[salesforce.canvas]\nconsumer_secret = "${{CANVAS:-}}"\norigins = {origins}\n\n[[push.fields]]'


@pytest.mark.parametrize(
    ("secret", "origins", "words"),
    [
        ("hush-hush", '["https://acme.lightning.force.com"]', "shorter than 16 characters"),
        ("x" * 40, "[]", "nobody would ever see it"),
        ("x" * 40, '["https://*.force.com"]', "stands for other orgs too"),
        ("x" * 40, '["https://login.salesforce.com"]', "belongs to every org"),
        ("x" * 40, '["http://acme.my.salesforce.com"]', "is not protected by https"),
        ("x" * 40, '["https://acme.my.salesforce.com/"]', "is not an origin"),
        ("x" * 40, '["https://Acme.my.salesforce.com"]', "is not an origin"),
        ("x" * 40, '["https://a.example; script-src x"]', "is not an origin"),
        ("x" * 40, '["https://a.example:port"]', "is not an origin"),
        ("x" * 40, '[""]', "is not an origin"),
        ("x" * 40, '["https://me@a.example"]', "is not an origin"),
    ],
)
def test_the_page_inside_salesforce_needs_a_secret_and_the_orgs_own_origins(write, secret, origins, words):
    text = SMALL.replace("[[push.fields]]", canvas(origins), 1)
    with pytest.raises(ConfigurationError) as caught:
        write(text, {**ENVIRONMENT, "CANVAS": secret})
    assert words in caught.value.problem
    assert "(salesforce.canvas." in caught.value.where
    assert secret not in str(caught.value)
    assert not write(text).salesforce.canvas.is_on, "without the secret it is off, whatever the origins"


def test_origins_of_the_org_and_of_this_machine_are_taken(write):
    assert not write().salesforce.canvas.is_on
    text = SMALL.replace("[[push.fields]]", canvas('["https://a.my.salesforce.com", "http://127.0.0.1:80"]'), 1)
    found = write(text, {**ENVIRONMENT, "CANVAS": "x" * 40}).salesforce.canvas
    assert (found.is_on, len(found.origins), "xxx" in repr(found)) == (True, 2, False)


def test_a_second_source_with_a_mistake_is_found_at_its_own_line(refused):
    error = refused('target = "erp_invoice"', 'target = "erp_invoice_"')
    assert error.where.endswith(f":{line_of(SMALL, 'erp_invoice')} (sources[1].streams[0].target)")


def test_a_file_that_does_not_exist_says_which_variable_names_it(tmp_path):
    with pytest.raises(ConfigurationError, match="HUB_CONFIG"):
        read_hub(tmp_path / "none.toml")


def test_the_example_in_the_repository_is_valid_and_names_every_key():
    path = ROOT / "hub.toml"
    hub = read_hub(path, {"ERP_DEMO_URL": "postgresql://erp_reader@/erp_demo"})
    assert [source.kind for source in hub.sources] == ["sql", "files"]
    text = path.read_text(encoding="utf-8")
    shapes = (
        Company,
        SourceConfig,
        StreamConfig,
        SalesforceConfig,
        PushConfig,
        PushField,
        Filter,
        Column,
        AccessConfig,
        CanvasConfig,
        ExportsConfig,
    )
    names = {field.name for shape in shapes for field in dataclasses.fields(shape)} - {"sources", "streams"}
    assert {name for name in names if name not in text} == set()


@pytest.mark.parametrize("flow", ["soap", "soap_login", "password", "username_password"])
def test_a_retired_login_is_refused_with_the_reason_and_the_way_out(refused, flow):
    error = refused("[salesforce]", f'[salesforce]\nflow = "{flow}"')
    assert "not offered" in error.problem
    assert "retired altogether in Summer '27" in error.problem
    assert "External Client App" in error.fix
    assert "(salesforce.flow)" in error.where
    unknown = refused("[salesforce]", '[salesforce]\nflow = "magic"')
    assert "'magic'" in unknown.problem


@pytest.mark.parametrize("field", ["Name", "name", "OwnerId", "Id"])
def test_a_field_that_belongs_to_people_is_never_pushed(refused, field):
    error = refused("ERP_Revenue__c", field)
    assert "a push never writes it" in error.problem


def test_a_column_is_hidden_from_roles_that_exist_and_never_from_administrators(refused):
    for role in ("administrator", "Sales"):
        error = refused("[salesforce]", f'[access.hidden]\ncredit_limit = ["{role}"]\n\n[salesforce]')
        assert "(access.hidden.credit_limit[0])" in error.where
        assert "'account_manager' or 'analyst'" in error.problem


def test_a_time_for_the_view_log_is_not_below_zero(refused):
    error = refused("[salesforce]", "[access]\nview_log_days = -1\n\n[salesforce]")
    assert "(access.view_log_days)" in error.where
