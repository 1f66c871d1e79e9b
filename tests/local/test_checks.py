"""What make lint and the test run themselves promise."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from integration_hub.local import lint, servers
from integration_hub.local.place import CLONE

SKIPPING = """
import pytest

@pytest.mark.browser
def test_with_a_browser():
    pytest.skip("no Chromium here")

def test_of_another_kind():
    pytest.skip("not on this system")
"""


def pytest_on(path: Path, require_all: str, addresses: Mapping[str, str]) -> str:
    """What an inner test run says; it gets servers of its own, because it empties what it uses."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", CLONE / "pyproject.toml", path],
        env={**environment, **addresses, "REQUIRE_ALL": require_all},
        cwd=CLONE,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_with_require_all_a_test_that_needs_a_tool_may_not_be_skipped(tmp_path: Path) -> None:
    path = tmp_path / "test_skipping.py"
    path.write_text(SKIPPING)
    with servers.temporary() as addresses:
        assert "2 skipped" in pytest_on(path, "0", addresses)
        strict = pytest_on(path, "1", addresses)
    assert "1 failed, 1 skipped" in strict
    assert "REQUIRE_ALL=1, and this test was skipped: Skipped: no Chromium here" in strict


def test_lint_runs_every_check_and_fails_when_one_does(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    checks = {"wrong": ("-c", "print('a finding'); raise SystemExit(3)"), "right": ("-c", "print('nothing')")}
    monkeypatch.setattr(lint, "CHECKS", checks)
    monkeypatch.setattr(sys, "argv", ["lint"])
    assert lint.main() == 1
    said = capfd.readouterr().out
    assert "a finding" in said
    assert "FAILED wrong" in said
    assert "ok     right" in said
    monkeypatch.setattr(sys, "argv", ["lint", "right"])
    assert lint.main() == 0


def test_a_template_that_does_not_compile_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "good.html").write_text("{{ customer }}")
    (folder / "bad.html").write_text("{% endif %}")
    (tmp_path / "only_templates.py").write_text(
        f"TEMPLATES = [{{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'DIRS': [{str(folder)!r}]}}]"
    )
    done = subprocess.run(
        [sys.executable, "-m", "integration_hub.local.templates"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "only_templates", "PYTHONPATH": str(tmp_path)},
        cwd=CLONE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"{folder / 'bad.html'}: Invalid block tag" in done.stdout


def test_the_build_script_is_valid_and_calls_both_targets() -> None:
    script = CLONE / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert "make lint" in script.read_text()
    assert "REQUIRE_ALL=1 make test" in script.read_text()
