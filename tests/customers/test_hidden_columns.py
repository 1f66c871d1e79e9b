"""Columns that a role does not see: which ones, and that a slip in hub.toml is told with its line."""

import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User

from customers.access import hidden_columns
from customers.checks import check_hidden_columns

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
    # A segment says whether deals are big.
    assert hidden_columns(of_group("Account managers")) == {
        "credit_limit",
        "won_amount_12m",
        "average_deal_size",
        "segment",
    }
    assert hidden_columns(of_group("Analysts")) == {"won_amount_12m", "average_deal_size", "segment"}
    assert hidden_columns(of_group("Administrators")) == frozenset()


def test_a_column_that_does_not_exist_stops_the_start_with_its_line_and_the_fix(hide) -> None:
    path = hide('credit_limt = ["account_manager"]')
    (error,) = check_hidden_columns()
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if line.startswith("credit_limt"))
    assert f"{path}:{number} (access.hidden.credit_limt)" in error.msg
    assert "credit_limit" in (error.hint or "")
