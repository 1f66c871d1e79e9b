"""Old workers end themselves when the database is of a newer release, and lose no run (fault P24)."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from integration_hub import jobs
from integration_hub.installation import release
from integration_hub.models import Run, RunKind, RunStatus
from reports import export_jobs

LATER = ("customers", "9999_of_a_later_release")
TAKES_AWAY = {"RemoveField", "DeleteModel", "RenameField", "RenameModel"}
BEFORE_THE_FIRST_RELEASE = {"integration_hub": 15, "customers": 21, "reports": 2}
"""Up to these migrations no installation was in use whose workers could stumble."""


@pytest.mark.django_db(transaction=True)
def test_an_old_worker_leaves_the_run_to_the_new_release_and_ends() -> None:
    run = Run.objects.create(kind=RunKind.CHECK)
    recorder = MigrationRecorder(connection)
    assert release.difference() == ""
    recorder.record_applied(*LATER)
    try:
        assert "newer release" in release.difference()
        assert jobs.ring(run.pk)
        worker = subprocess.run(
            [sys.executable, "manage.py", "rqworker", "default", "--serializer", "rq.serializers.JSONSerializer"],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": _address()},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        with pytest.raises(SystemExit, match="The scheduler ends"):
            call_command("scheduler", "--once")
    finally:
        recorder.record_unapplied(*LATER)
    run.refresh_from_db()
    assert (worker.returncode, run.status, run.started_at) == (0, RunStatus.QUEUED, None), worker.stderr
    assert "The database is of a newer release" in worker.stderr
    jobs.execute(run.pk)
    run.refresh_from_db()
    assert run.status != RunStatus.QUEUED


@pytest.fixture
def copied_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of the program, which this process has loaded, among the files that are looked at."""
    file = tmp_path / "rule.py"
    file.write_text("RATE = 1\n", encoding="utf-8")
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    monkeypatch.setattr(release, "_LOADED", set())
    monkeypatch.setattr(apps.get_app_config("reports"), "path", str(tmp_path))
    release.note_loaded()
    return file


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["another", "one_more", "gone"])
def test_a_process_that_has_loaded_other_files_than_stand_there_now_leaves_runs_and_exports_alone(
    copied_file: Path, change: str
) -> None:
    run = Run.objects.create(kind=RunKind.CHECK)
    assert release.difference() == ""
    if change == "another":
        copied_file.write_text("RATE = 22\n", encoding="utf-8")
    elif change == "one_more":
        copied_file.with_name("statement.sql").write_text("select 1", encoding="utf-8")
    else:
        copied_file.unlink()
    assert "files were changed" in release.difference()
    with patch("reports.export_jobs.execute") as made:
        export_jobs.work(1)
    jobs.execute(run.pk)
    run.refresh_from_db()
    assert (run.status, made.called) == (RunStatus.QUEUED, False)


@pytest.mark.django_db
def test_the_mark_of_an_editor_that_leads_nowhere_is_no_file_of_the_program(copied_file: Path) -> None:
    copied_file.with_name(".#rule.py").symlink_to("somebody@somewhere.4711")
    assert release.difference() == ""
    release.note_loaded()


@pytest.mark.django_db
def test_a_database_that_lacks_a_migration_is_told_from_one_that_has_one_more() -> None:
    last = MigrationLoader(connection).graph.leaf_nodes("customers")[0]
    MigrationRecorder(connection).record_unapplied(*last)
    assert f"lacks {last[0]} {last[1]}" in release.difference()
    assert "manage.py migrate" in release.difference()


def test_migrations_only_add_so_that_pages_of_the_old_release_go_on_during_an_upgrade() -> None:
    taking_away = []
    for path in sorted(Path(settings.BASE_DIR).glob("*/migrations/[0-9]*.py")):
        number = int(path.name[:4])
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        names = {getattr(call.func, "attr", "") for call in calls}
        app = path.parent.parent.name
        if number > BEFORE_THE_FIRST_RELEASE[app] and names & TAKES_AWAY:
            taking_away.append(f"{app} {path.name}: {', '.join(sorted(names & TAKES_AWAY))}")
    assert taking_away == []


def _address() -> str:
    """The address of the database that this test uses."""
    address, _, rest = os.environ["DATABASE_URL"].partition("?")
    return f"{address.rpartition('/')[0]}/{connection.settings_dict['NAME']}?{rest}"
