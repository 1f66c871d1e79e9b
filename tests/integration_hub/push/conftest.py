"""A small world for pushes: a practice org with accounts, a hub.toml of its own, and figures that a test chooses."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from integration_hub.models import PushPlan, Run, RunKind
from integration_hub.push import sending
from integration_hub.push.pushing import run_push
from integration_hub.runs import Outcome
from integration_hub.salesforce import polling, result_page, session
from tests.integration_hub.push.figures import VARIABLE
from tests.practice_org import PracticeOrg

AMOUNT, COUNT, AS_OF, CURRENCY = (
    "ERP_Overdue_Amount__c",
    "ERP_Overdue_Invoices__c",
    "ERP_Figures_As_Of__c",
    "ERP_Figures_Currency__c",
)
FIELDS: tuple[dict[str, Any], ...] = (
    {"name": AMOUNT, "label": "Overdue", "type": "currency", "precision": 18, "scale": 2},
    {"name": COUNT, "label": "Overdue invoices", "type": "double", "precision": 18, "scale": 0},
    {"name": AS_OF, "label": "Figures as of", "type": "date"},
    {"name": CURRENCY, "label": "Figures currency", "type": "string", "length": 3},
)
MEASURES = {AMOUNT: "overdue_amount", COUNT: "overdue_count", AS_OF: "as_of", CURRENCY: "currency"}
DEFAULTS = {"overdue_amount": "100.00", "overdue_count": "2", "as_of": "2026-02-10", "currency": "EUR"}


@dataclass
class World:
    """What a push test turns: wanted figures per account, the [push] section, and the org."""

    org: PracticeOrg
    folder: Path
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def configure(
        self, *, enabled: bool = True, empty: Mapping[str, str] | None = None, bulk_from_rows: int = 2000, **push: Any
    ) -> None:
        """Write hub.toml anew; `empty` sets when_empty by field, `push` any key of [push].

        Without a word about it no plan waits for a person.
        """
        push = {"approval": "on_brake"} | push
        lines = [
            "[company]",
            'name = "Test company"',
            'reporting_currency = "EUR"',
            'time_zone = "Europe/Berlin"',
            "",
            "[salesforce]",
            f'login_url = "{self.org.url}"',
            f'client_id = "{self.org.client_id}"',
            'client_secret = "${PUSH_TEST_SECRET}"',
            "timeout_seconds = 10",
            f"bulk_from_rows = {bulk_from_rows}",
            "",
            "[push]",
            f"enabled = {json.dumps(enabled)}",
            *(f"{name} = {json.dumps(value)}" for name, value in push.items()),
        ]
        for name, measure in MEASURES.items():
            lines += ["[[push.fields]]", f'field = "{name}"', f'measure = "{measure}"']
            if empty and name in empty:
                lines.append(f'when_empty = "{empty[name]}"')
        path = self.folder / "hub.toml"
        text = "sources = []\n" + "\n".join(lines) + "\n"
        path.write_text(text, encoding="utf-8")
        # A rewrite within one tick of the clock must be seen as well.
        stamp = path.stat().st_mtime_ns + len(list(self.folder.glob("hub.*"))) + hash(text) % 1_000_000
        os.utime(path, ns=(stamp, stamp))

    def want(self, account: str, **values: Any) -> None:
        """Set the wanted figures of an account; those not named are the usual ones."""
        self.rows[account] = DEFAULTS | values
        self._write()

    def forget(self, account: str) -> None:
        """No longer want anything for the account."""
        del self.rows[account]
        self._write()

    def _write(self) -> None:
        rows = [{"account": account, "name": account, "values": values} for account, values in self.rows.items()]
        (self.folder / "figures.json").write_text(json.dumps({"as_of": "2026-02-10", "rows": rows}), encoding="utf-8")

    def accounts(self, count: int, **values: Any) -> list[str]:
        """Create that many accounts in the org and want the usual figures for each."""
        ids = self.org.seed("Account", *({"Name": f"Account {number}", **values} for number in range(count)))
        for account in ids:
            self.rows[account] = dict(DEFAULTS)
        self._write()
        return ids

    def stored(self, account: str) -> dict[str, Any]:
        """What the org holds for the account."""
        return next(record for record in self.org.records("Account") if record["Id"] == account)

    def writes(self) -> list[dict[str, Any]]:
        """The API calls since the last `forget_calls` that could have changed a record."""
        return [
            call
            for call in self.org.calls()
            if call["method"] != "GET" and "/oauth2/" not in call["path"] and "/jobs/query" not in call["path"]
        ]

    def push(self, **options: Any) -> tuple[Outcome, PushPlan]:
        """Run one push and return how it ended, with its plan."""
        run = Run.objects.create(kind=RunKind.PUSH, subject=f"salesforce-{Run.objects.count()}", options=options)
        outcome = run_push(run)
        return outcome, PushPlan.objects.get(run_ref=run)


@pytest.fixture
def world(practice_org: PracticeOrg, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> World:
    """An org with the four pushed fields and no accounts yet."""
    practice_org.admin("fields", {"sobject": "Account", "fields": list(FIELDS)})
    monkeypatch.setenv("PUSH_TEST_SECRET", practice_org.client_secret)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "figures.json"))
    monkeypatch.setattr(sending, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(session, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(result_page, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(polling, "FIRST_PAUSE", 0.01)
    settings.HUB_CONFIG = str(tmp_path / "hub.toml")
    settings.PUSH_WANTED_VALUES = "tests.integration_hub.push.figures.wanted"
    settings.PUSH_NEED = "tests.integration_hub.push.figures.need"
    made = World(practice_org, tmp_path)
    made.configure()
    made._write()
    practice_org.forget_calls()
    return made
