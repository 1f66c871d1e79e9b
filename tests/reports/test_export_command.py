"""What `manage.py export` says when it cannot do what was asked."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from customers.models import RollupDay

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
