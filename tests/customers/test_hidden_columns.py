"""Columns that a role does not see: which ones, and that a slip in hub.toml is told with its line."""

import shutil
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, User

from customers.access import hidden_columns
from customers.checks import check_hidden_columns
from customers.hidden import shown
from customers.measures import MEASURES, Unit
from customers.models import CustomerRollup
from customers.pages.key_figures import TILES, figure_url
from customers.pages.standouts import RULES, Findings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def hide(tmp_path, settings):
    """Writes a hub.toml that hides columns."""

    def write(text: str) -> Path:
        path = Path(shutil.copy(ROOT / "hub.toml", tmp_path / "hub.toml"))
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{text}\n", encoding="utf-8")
        settings.HUB_CONFIG = str(path)
        return path

    return write


def of_group(name: str) -> User:
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get_or_create(name=name)[0])
    return user


def test_each_role_loses_its_own_columns_and_what_is_made_of_them(db, hide) -> None:
    hide('credit_limit = ["account_manager"]\nwon_amount_12m = ["account_manager", "analyst"]')
    # The average deal is the won amount over the number of deals: its page would open the hidden amount.
    # A segment says whether deals are big; saved ones may say anything.
    made_of_it = {"won_amount_12m", "average_deal_size", "segment", "segments", "segments_since"}
    assert hidden_columns(of_group("Account managers")) == made_of_it | {"credit_limit"}
    assert hidden_columns(of_group("Analysts")) == made_of_it
    assert hidden_columns(of_group("Administrators")) == frozenset()


def test_a_column_that_does_not_exist_stops_the_start_with_its_line_and_the_fix(hide) -> None:
    path = hide('credit_limt = ["account_manager"]')
    (error,) = check_hidden_columns()
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if line.startswith("credit_limt"))
    assert f"{path}:{number} (access.hidden.credit_limt)" in error.msg
    assert "credit_limit" in (error.hint or "")


class Recorded:
    """A rollup that remembers which measures were read from it."""

    def __init__(self, rollup: CustomerRollup) -> None:
        self.rollup, self.read = rollup, set[str]()

    def __getattr__(self, name: str) -> object:
        if name in MEASURES:
            self.read.add(name)
        return getattr(self.rollup, name)


@pytest.mark.parametrize("builder", [*TILES, *RULES], ids=lambda builder: builder.__name__)
def test_a_tile_or_sentence_reads_only_the_figures_that_it_says_it_rests_on(builder) -> None:
    amounts = {name: Decimal(100) for name in MEASURES if MEASURES[name].unit is Unit.MONEY}
    counts = {name: 3 for name in MEASURES if MEASURES[name].unit in {Unit.COUNT, Unit.DAYS}}
    for changed in ({}, {"revenue_ytd": Decimal(300), "credits_amount": Decimal(-5)}, {"aging_61_90": Decimal(0)}):
        day = date(2026, 2, 10)
        stored = CustomerRollup(
            customer_id=1, as_of=day, last_order_on=date(2025, 1, 1), **{**amounts, **counts, **changed}
        )
        rollup = Recorded(stored)
        number = SimpleNamespace(payment_days=0)
        scope = SimpleNamespace(
            figures=rollup,
            currency="EUR",
            identity=SimpleNamespace(numbers=(number,)),
            figure_url=partial(figure_url, stored),
            url=lambda *_name, **_query: "",
            as_of=day,
        )
        subject = SimpleNamespace(
            rollup=rollup, scope=scope, found=Findings(), whole=str, url=partial(figure_url, stored)
        )
        if builder in TILES:
            builder(scope)
        else:
            list(builder(subject))
        assert rollup.read <= builder.rests_on, builder.__name__


def test_what_does_not_say_what_it_rests_on_is_left_out_as_soon_as_anything_is_hidden() -> None:
    def silent() -> None:
        """Says nothing."""

    assert shown([silent], frozenset()) == (silent,)
    assert shown([silent], frozenset({"dso"})) == ()
