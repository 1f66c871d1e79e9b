"""What `manage.py export` says when it cannot do what was asked."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from customers.history.days import pack
from customers.models import RollupDay
from tests.customers.conftest import figures
from tests.customers.world import DAY, World, ago

__all__ = ["figures"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Name a report: segmentation"),
        (("nonsense",), "There is no report 'nonsense'"),
        (("segmentation", "--filter", "owner=anna"), "There is no filter owner; there are: large, medium"),
        (("segmentation", "--as-of", "30.6.2026"), "'30.6.2026' is no date"),
        (("segmentation", "--as-of", "2001-01-01"), "rollup --as-of 2001-01-01"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_sentence(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("export", *arguments)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_that_cannot_be_written_is_named(form: str, tmp_path: Path) -> None:
    RollupDay.objects.create(as_of=date(2026, 2, 1), current=True, completed_at=timezone.now())
    output = tmp_path / "missing" / f"report.{form}"
    with pytest.raises(CommandError, match="missing"):
        call_command("export", "segmentation", "--format", form, "--output", str(output))


def test_a_day_that_was_packed_is_exported_as_it_was(figures: World, tmp_path: Path) -> None:
    customer = figures.linked("Acme", "100")
    figures.invoice(customer, "500.00", ago(40))
    figures.roll_up(ago(20))
    figures.roll_up(DAY)
    files = []
    for name in ("before", "packed"):
        output = tmp_path / name
        call_command("export", "segmentation", "--as-of", str(ago(20)), "--output", str(output))
        files.append([line for line in output.read_text("utf-8").splitlines() if not line.startswith("#")])
        pack(ago(20), timezone.now())
    assert any("500.00" in line for line in files[0])
    assert files[0] == files[1]


def test_the_overdue_trend_says_nothing_of_a_packed_day_and_prefers_one_that_is_not(
    figures: World, capsys: pytest.CaptureFixture[str]
) -> None:
    customer = figures.linked("Acme", "100")
    figures.invoice(customer, "500.00", ago(200))
    months = sorted({ago(days).replace(day=1) for days in (60, 90)})
    for first in months:
        for day in (first, first.replace(day=20)):
            figures.roll_up(day, current=False)
    figures.roll_up(DAY)

    def told() -> dict[date, str]:
        call_command("export", "overdue-trend")
        lines = [line.split(",") for line in capsys.readouterr().out.splitlines()]
        return {date.fromisoformat(line[0]): line[1] for line in lines if line[0].startswith("20")}

    before = told()
    assert set(before) >= {first.replace(day=20) for first in months}
    pack(months[0].replace(day=20), timezone.now())
    assert told()[months[0]] == before[months[0].replace(day=20)]
    pack(months[0], timezone.now())
    assert told()[months[0].replace(day=20)] == ""
