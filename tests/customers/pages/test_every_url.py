"""Every URL of the whole project as every role, from one table; foreign customers look like missing ones; hidden
figures are nowhere.
"""

import io
import re
import shutil
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from customers import books
from customers.hidden import ATTRIBUTES
from customers.linking import share_out_accounts
from customers.measures import MEASURES
from customers.models import CustomerRollup, Deputy, TeamScope
from customers.view_log import DOCUMENTS
from integration_hub.models import ErpCustomer, SfAccountTeamMember, SfUser
from reports.catalogue import reports
from tests.customers.pages.conftest import Cast, World, signed_in
from tests.customers.pages.url_table import ANALYSTS_MAY_SEND, ARGUMENTS, KEYS, MAY_SEND, ROLES, TABLE
from tests.customers.pages.world import ANA, KESTREL, OTHER_ROLE, mirrored

ROOT = Path(__file__).resolve().parents[3]
TIA, DORA = "005Dn000001ttttIAA", "005Dn000001ddddIAA"


def every_url(patterns: Any = None, prefix: str = "") -> dict[str, tuple[str, ...]]:
    """URL name -> the arguments it takes, over the whole project."""
    found: dict[str, tuple[str, ...]] = {}
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            found |= every_url(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            converters: Any = pattern.pattern
            found[f"{prefix}{pattern.name}"] = tuple(converters.converters) or tuple(converters.regex.groupindex)
    return found


def address(world: World, name: str, /, **changed: object) -> str:
    """The URL of that name for Kestrel; the objects of administrators' pages do not exist."""
    own = {
        "pk": world.kestrel.pk if name.startswith("customers:") else 987654321,
        "key": KEYS.get(name.partition(":")[2], ""),
        "record": KESTREL,
        "deputy": 987654321,
        "kind": "orders" if name == "customers:changes" else ARGUMENTS["kind"],
    }
    wanted = {**ARGUMENTS, **own, **changed}
    return reverse(name, kwargs={argument: wanted[argument] for argument in every_url()[name]})


def without_token(text: str) -> str:
    """A page without the token of its forms, which is another one each time."""
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", text)


@pytest.fixture
def everybody(world: World, cast: Cast) -> dict[str, Client]:
    """One client per role of the table."""
    mirrored(SfUser, TIA, name="Tia Lund", email="tia@northgate.example", role_id=OTHER_ROLE)
    mirrored(SfUser, DORA, name="Dora Klein", email="dora@northgate.example", role_id=OTHER_ROLE)
    mirrored(SfAccountTeamMember, "01MDn000001ttttIAA", account_id=KESTREL, user_id=TIA)
    share_out_accounts()
    TeamScope.objects.create(viewer=TIA, customer=world.kestrel)
    team = signed_in("tia", "Account managers", "tia@northgate.example")
    deputy = signed_in("dora", "Account managers", "dora@northgate.example")
    today = books.company_date()
    Deputy.objects.create(
        absent=ANA, deputy=User.objects.get(username="dora"), begins_on=today, ends_on=today + timedelta(days=3)
    )
    clients = (
        cast.anonymous,
        cast.owner,
        team,
        cast.manager,
        deputy,
        cast.outsider,
        cast.untied,
        cast.analyst,
        cast.administrator,
    )
    return dict(zip(ROLES, clients, strict=True))


def test_every_url_has_a_row_and_every_row_a_url() -> None:
    assert set(every_url()) == set(TABLE)


def test_every_url_answers_every_role_as_the_table_says(world: World, everybody: dict[str, Client]) -> None:
    wrong = []
    for name, row in TABLE.items():
        url = address(world, name)
        found = tuple(everybody[role].get(url).status_code for role in ROLES if (name, role) != ("logout", "owner"))
        expected = tuple(status for role, status in zip(ROLES, row, strict=True) if (name, role) != ("logout", "owner"))
        if found != expected:
            wrong.append(f"{name}: the table has {expected}, the pages answered {found}")
    assert not wrong, "\n".join(wrong)


def test_what_a_visitor_or_somebody_without_the_right_sends_is_refused(
    world: World, everybody: dict[str, Client]
) -> None:
    for name in TABLE:
        if name in MAY_SEND | {"healthz", "readyz", "metrics"}:
            continue
        url = address(world, name)
        visitor = everybody["visitor"].post(url)
        assert visitor.status_code == 405 or visitor["Location"].startswith(reverse("login")), name
        for role in ("owner", "manager", "outsider", "untied", "analyst"):
            refused = {400} if role == "analyst" and name in ANALYSTS_MAY_SEND else {403, 404, 405}
            assert everybody[role].post(url).status_code in refused, (name, role)


def test_what_belongs_to_somebody_else_looks_as_if_it_did_not_exist(world: World, everybody: dict[str, Client]) -> None:
    nothing = {"pk": 987654321, "key": "erp:NONE", "record": "001Dn00000ZzZzZIAV"}
    walked = 0
    for name, row in TABLE.items():
        if not name.startswith("customers:"):
            continue
        for role in ("outsider", "untied", "team", "deputy", "analyst"):
            if row[ROLES.index(role)] == 404:
                hidden, missing = (
                    without_token(everybody[role].get(url).text)
                    for url in (address(world, name), address(world, name, **nothing))
                )
                assert hidden == missing, (name, role)
                walked += 1
    assert walked > 30


def test_every_document_page_is_written_into_the_log() -> None:
    """In a URL `pk` is a customer; a `key` needs to be known to the log."""
    keyed = {name.partition(":")[2] for name, arguments in every_url().items() if "key" in arguments}
    assert keyed == set(DOCUMENTS)


# Figures with names that no other word on a page holds.
HIDDEN = ("average_deal_size", "average_order_value", "days_to_pay", "dso", "credits_amount", "credit_limit")


@pytest.fixture
def hides(tmp_path: Path, settings: Any, world: World) -> dict[str, str]:
    """Hides figures from account managers; what must not be read on any page: labels and values by name."""
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    lines = "".join(f'{name} = ["account_manager"]\n' for name in HIDDEN)
    path.write_text(f"{path.read_text(encoding='utf-8')}{lines}", encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    ErpCustomer.objects.update(credit_limit=Decimal("7654321.50"))
    CustomerRollup.objects.update(
        average_deal_size=Decimal("3456789.25"),
        average_order_value=Decimal("4567891.25"),
        credits_amount=Decimal("-5678912.25"),
    )
    labels = {name: MEASURES[name].label if name in MEASURES else ATTRIBUTES[name] for name in HIDDEN}
    return labels | {"limit": "7,654,321", "deal": "3,456,789", "order": "4,567,891", "credits": "5,678,912"}


def read_page(client: Client, url: str) -> str:
    """All text of an answer, also of a workbook."""
    answer: Any = client.get(url)
    content = b"".join(answer) if answer.streaming else answer.content
    if content[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(book.read(name) for name in book.namelist())
    return without_token(content.decode("utf-8", "replace"))


def test_a_hidden_figure_is_on_no_page_and_in_no_export(
    world: World, everybody: dict[str, Client], hides: dict[str, str]
) -> None:
    addresses = [address(world, name) for name, row in TABLE.items() if 200 in row[1:]]
    addresses += [address(world, "reports:report", name=name) for name in reports()]
    addresses += [reverse("reports:export", args=(name, kind)) for name in ("orders",) for kind in ("csv", "xlsx")]
    addresses += [f"{reverse('customers:search')}?q=kes", f"{reverse('customers:list')}?sort=average_deal_size"]
    seen_by_analyst = ""
    for url in addresses:
        for role in ("owner", "deputy"):
            text = read_page(everybody[role], url)
            for name, words in hides.items():
                assert words not in text, (url, role, name)
        seen_by_analyst += read_page(everybody["analyst"], url)
    # What is looked for can be found by those who may see it.
    assert {name for name, words in hides.items() if words in seen_by_analyst} >= {
        "dso",
        "deal",
        "order",
        "days_to_pay",
    }


def test_the_page_of_a_hidden_figure_looks_like_one_that_does_not_exist(
    world: World, everybody: dict[str, Client], hides: dict[str, str]
) -> None:
    for name in HIDDEN:
        for base in (f"/customers/{world.kestrel.pk}/figures/", "/reports/orders/figures/"):
            hidden, missing = (everybody["owner"].get(f"{base}{each}/") for each in (name, "none"))
            assert (hidden.status_code, hidden.content) == (404, missing.content), (base, name)
    assert everybody["analyst"].get(f"/customers/{world.kestrel.pk}/figures/dso/").status_code == 200
    # The segments name who has big deals, so there are none; nor is there a way to sort by a hidden figure.
    assert everybody["owner"].get(reverse("reports:segmentation")).status_code == 404
    listing = everybody["manager"].get("/reports/receivables/?sort=dso").context["page"].listing
    assert [row.name for row in listing.rows] == sorted(row.name for row in listing.rows)


# Figures that no document makes, with each way a page writes them.
SENTINELS = {
    "overdue_amount": (Decimal("8765432.10"), ("8,765,432", "8.77M", "8.8M")),
    "revenue_ytd": (Decimal("7531246.80"), ("7,531,246", "7,531,247", "7.53M", "7.5M")),
    "delivered_not_invoiced": (Decimal("6429753.10"), ("6,429,753", "6.43M", "6.4M")),
}


def test_hidden_amounts_of_every_day_are_on_no_page_either(
    world: World, everybody: dict[str, Client], tmp_path: Path, settings: Any
) -> None:
    CustomerRollup.objects.update(**{name: value for name, (value, _) in SENTINELS.items()}, overdue_count=3)
    addresses = [address(world, name) for name, row in TABLE.items() if 200 in row[1:]]
    addresses += [f"{reverse('customers:search')}?q=kes&part=1", f"{reverse('customers:attention')}?reason=overdue"]
    addresses += [f"{reverse('customers:book_figure', args=(name,))}" for name in SENTINELS]
    addresses += [f"{reverse('customers:list')}?segment=Large%2C+overdue%2C+no+won+deals"]
    shown = "".join(read_page(everybody["owner"], url) for url in addresses)
    assert all(any(words in shown for words in told) for _, told in SENTINELS.values())
    path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
    lines = "".join(f'{name} = ["account_manager"]\n' for name in SENTINELS)
    path.write_text(f"{path.read_text(encoding='utf-8')}{lines}", encoding="utf-8")
    settings.HUB_CONFIG = str(path)
    for url in addresses:
        text = read_page(everybody["owner"], url)
        for name, (_, told) in SENTINELS.items():
            assert not any(words in text for words in told), (url, name)
