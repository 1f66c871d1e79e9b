"""A configuration that mirrors further Salesforce fields, and records that hold them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import cache

from integration_hub.models import DescribedField, SfAccount, SfContact, SfOpportunity
from tests.customers.pages.conftest import World
from tests.customers.pages.world import KESTON, KESTREL, PROSPECT

NAMES = {
    "account": ["Risk_Class__c", "acme__Score__c", "Renewal__c", "Rating"],
    "contact": ["Language__c"],
    "opportunity": ["Competitors__c"],
}


def mirror(path: Path, **fields: list[str]) -> str:
    """Write hub.toml with these further fields; its path."""
    text = Path(project.HUB_CONFIG).read_text(encoding="utf-8")
    for name, names in fields.items():
        line = re.compile(rf"^{name}_fields = \[(.*)\]", re.MULTILINE)
        kept = line.search(text)
        assert kept is not None
        more = json.dumps(names)[1:-1]
        text = line.sub(f"{name}_fields = [{', '.join(filter(None, (more, kept[1])))}]", text)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def mirrored(world: World, tmp_path: Path, settings: Any) -> World:
    """Kestrel and the prospect are of high risk, Keston of low; nothing else is filled in for the prospect."""
    cache.clear()
    settings.HUB_CONFIG = mirror(tmp_path / "hub.toml", **NAMES)
    for sobject, name, label, kind, calculated in (
        ("Account", "Risk_Class__c", "Risk class (finance)", "picklist", False),
        ("Account", "acme__Score__c", "Score", "double", True),
        ("Account", "Renewal__c", "Renewal", "date", False),
        ("Opportunity", "Competitors__c", "Competitors", "multipicklist", False),
    ):
        DescribedField.objects.create(sobject=sobject, name=name, label=label, type=kind, calculated=calculated)
    for key, values in (
        (KESTREL, {"Risk_Class__c": "High", "acme__Score__c": "-1234.50", "Renewal__c": "2027-03-01", "Rating": "007"}),
        (KESTON, {"Risk_Class__c": "Low & slow", "Rating": None}),
        (PROSPECT, {"Risk_Class__c": "High"}),
    ):
        SfAccount.objects.filter(key=key).update(custom_fields=values)
    SfContact.objects.filter(account=KESTREL).update(custom_fields={"Language__c": "Nederlands"})
    SfOpportunity.objects.filter(account=KESTREL).update(custom_fields={"Competitors__c": "Acme;Globex"})
    return world
