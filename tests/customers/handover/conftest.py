"""A mirror in euro whose opportunities may name order, PO and quote numbers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from tests.customers.world import World

HUB = """
sources = []
[company]
name = "Test"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"
[salesforce]
login_url = "https://example.my.salesforce.com"
opportunity_fields = ["Order__c", "Po__c", "Quote__c"]
quote_fields = ["Erp__c"]
order_fields = ["Erp__c"]
[handover]
order_number_fields = ["Order__c"]
po_number_fields = ["Po__c"]
quote_number_fields = ["Quote__c"]
salesforce_order_number_fields = ["Erp__c"]
salesforce_quote_number_fields = ["Erp__c"]
tolerance_percent = "2"
tolerance_amount = "50"
late_days = 14
days_before = 30
days_after = 60
back_days = 700
minimum_order = "200"
"""


@pytest.fixture
def figures(db: None, tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "hub.toml"
    path.write_text(HUB, encoding="utf-8")
    with override_settings(HUB_CONFIG=str(path)):
        yield World()
