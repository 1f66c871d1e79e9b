"""manage.py connect tries each answer, writes a section that works, and no secret."""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from integration_hub.config import hub
from integration_hub.config.profiles import profile_names
from integration_hub.jobs import finish
from integration_hub.management.connect_questions import kind_of, kinds, questions
from integration_hub.management.connecting import connect
from integration_hub.models import ErpOrder, Run, RunKind, RunStatus
from integration_hub.runs import start_run
from tests.erp.odoo.history import history
from tests.erp.odoo.standin import DATABASE, KEY, OdooStandin

HUB = """
[company]
name = "Halden"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"

[push]
enabled = false
"""


@pytest.fixture
def config(tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "hub.toml"
    path.write_text(HUB)
    settings.HUB_CONFIG = str(path)
    return path


class Typist:
    """Somebody at the terminal with answers in order; keeps what was said."""

    def __init__(self, *typed: str) -> None:
        self._typed: Iterator[str] = iter(typed)
        self.asked: list[tuple[str, bool]] = []
        self.told: list[str] = []

    def ask(self, text: str, default: str, hidden: bool) -> str:
        self.asked.append((text, hidden))
        return next(self._typed) or default

    def say(self, text: str) -> None:
        self.told.append(text)


def test_a_database_is_connected_with_its_secret_left_in_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = os.environ["ERP_DEMO_URL"]
    typist = Typist("erp", "Our ERP", address, "ERP_ADDRESS")
    answers = connect("sql", typist.ask, typist.say, {})
    text = config.read_text()
    assert address not in text
    assert 'url = "${ERP_ADDRESS}"' in text
    assert answers.secrets == {"ERP_ADDRESS": address}
    assert ("Address with a role that may only read, as postgresql://role:password@host:5432/database", True) in (
        typist.asked
    )
    assert any("may read" in line for line in typist.told)
    assert config.with_name("hub.toml.before").read_text() == HUB
    monkeypatch.setenv("ERP_ADDRESS", address)
    assert hub().source("erp").label == "Our ERP"
    assert hub().push.enabled is False


def test_a_wrong_address_is_told_and_asked_for_again(config: Path) -> None:
    right = os.environ["ERP_DEMO_URL"]
    nowhere = "postgresql://reader@127.0.0.1:1/erp"
    writer = os.environ["ERP_DEMO_ADMIN_URL"]
    typist = Typist("erp", "", "mongodb://x", nowhere, writer, "ERP_URL", "y", right, "ERP_URL")
    connect("sql", typist.ask, typist.say, {})
    told = "\n".join(typist.told)
    assert "Begin with one of" in told
    assert "No server answers at 127.0.0.1" in told
    assert "could write to the ERP" in told


def test_giving_up_writes_nothing(config: Path) -> None:
    typist = Typist("erp", "", os.environ["ERP_DEMO_ADMIN_URL"], "ERP_URL", "n")
    with pytest.raises(CommandError, match="Nothing was written"):
        connect("sql", typist.ask, typist.say, {})
    assert config.read_text() == HUB


def test_answers_can_be_given_in_advance(config: Path, tmp_path: Path) -> None:
    out = StringIO()
    drops = tmp_path / "drops"
    drops.mkdir()
    call_command("connect", "files", "--answer", "name=us", "--answer", f"directory={drops}", stdout=out)
    assert hub().source("us").directory == str(drops)
    assert "manage.py sync --preview --source us" in out.getvalue()
    with pytest.raises(CommandError, match="taken by another source"):
        call_command("connect", "files", "--answer", "name=us", "--answer", f"directory={drops}")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("connect", "files", "--answer", "name=eu", "--answer", f"directory={tmp_path / 'none'}")


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_asks_for_something_that_its_configuration_has(kind: str) -> None:
    from integration_hub.config.shape import SourceConfig

    assert kind_of(kind)[1] in {"", *profile_names()}
    keys = {question.key for question in questions(kind)}
    assert keys
    assert {key for key in keys if not key.startswith("options.")} <= set(SourceConfig.__dataclass_fields__)
    assert all(question.secret for question in questions(kind) if question.key in {"api_key", "password"})


def test_the_wizard_leaves_no_run_behind(config: Path, db: None) -> None:
    with pytest.raises(CommandError):
        call_command("connect", "sql", "--answer", "name=erp", "--answer", "url=postgresql://r@127.0.0.1:1/x")
    assert not Run.objects.exists()


def test_an_api_is_connected_with_the_key_of_the_environment_and_read_at_once(
    config: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, db: None
) -> None:
    odoo = OdooStandin(history(19).db)
    settings.PUBLISH_HOOKS = []
    monkeypatch.setenv("ODOO_API_KEY", KEY)
    out = StringIO()
    try:
        given = {"name": "odoo", "url": odoo.url, "database": DATABASE, "companies": "1"}
        call_command("connect", "odoo", *(f"--answer={key}={value}" for key, value in given.items()), stdout=out)
        assert "Set ODOO_API_KEY in the environment of web, worker and scheduler" in out.getvalue()
        assert KEY not in config.read_text()
        assert hub().source("odoo").companies == ("1",)
        assert finish(start_run(RunKind.SYNC, "odoo")).status == RunStatus.SUCCEEDED
        assert {order.company_id for order in ErpOrder.objects.all()} == {"odoo:1"}
    finally:
        odoo.close()
