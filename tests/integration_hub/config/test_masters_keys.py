"""What [masters] may say in hub.toml, and what is refused with its place and the fix."""

import pytest

from integration_hub.config import ConfigurationError
from integration_hub.config.reading import read_hub

HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"

[salesforce]
login_url = "https://acme.my.salesforce.com"
account_fields = ["Region__c"]

[[push.fields]]
field = "ERP_Segment__c"
measure = "segment"

[masters]
{masters}
"""


@pytest.fixture
def read(tmp_path):
    def reading(masters):
        path = tmp_path / "hub.toml"
        path.write_text(HUB.format(masters=masters), encoding="utf-8")
        return read_hub(path, {})

    return reading


def test_a_short_form_and_a_field_of_ones_own_are_read_and_the_rest_has_no_master(read):
    hub = read('erp_contact = "erp"\nname = "erp"\nvat = { master = "salesforce", salesforce_field = "VAT__c" }')
    assert {name: master.master for name, master in hub.masters.compared.items()} == {
        "name": "erp",
        "vat": "salesforce",
    }
    assert hub.masters.erp_contact == "erp", "a login may be called like a system"
    assert hub.masters.by_field["city"].master == "none"
    assert hub.masters.further_fields == ("VAT__c",)
    assert hub.salesforce.account_fields == ("Region__c",)
    assert hub.salesforce_as_read.account_fields == ("Region__c", "VAT__c")


@pytest.mark.parametrize(
    ("masters", "words"),
    [
        ('vat = "erp"', "No standard Account field holds the vat"),
        ('name = "sap"', "'erp', 'salesforce' or 'none'"),
        ('shoe_size = "erp"', 'Unknown key "shoe_size"'),
        ('vat = { master = "erp", salesforce_field = "VAT number" }', "not the API name"),
        ('vat = { master = "erp", salesforce_field = "ERP_Segment__c" }', "The push writes"),
        ('vat = { master = "erp", salesforce_field = "region__C" }', 'Write "Region__c" here too'),
        (
            'vat = { master = "erp", salesforce_field = "X__c" }\ncity = { master = "erp", salesforce_field = "X__c" }',
            'Two fields are compared with "X__c"',
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_line(read, masters, words):
    with pytest.raises(ConfigurationError) as refused:
        read(masters)
    assert words in str(refused.value)
    assert "hub.toml:" in refused.value.where
    assert "masters." in refused.value.where
