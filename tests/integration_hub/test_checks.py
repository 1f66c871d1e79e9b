"""A hub.toml that cannot be used stops commands and the web server with the place and the fix."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from integration_hub.config import ConfigurationError, read_hub

ROOT = Path(__file__).resolve().parents[2]
WRONG = (ROOT / "hub.toml").read_text(encoding="utf-8").replace("reporting_currency =", "reporting_curency =", 1)

HEAVY = {"openpyxl", "pandas", "plotly", "sqlalchemy", "paramiko"}
"""Each takes a quarter of a second or more to import."""


def started(tmp_path: Path, *arguments: str, text: str = WRONG) -> subprocess.CompletedProcess[str]:
    """A process of the project with that hub.toml."""
    path = tmp_path / "hub.toml"
    path.write_text(text, encoding="utf-8")
    environment = dict(os.environ) | {
        "HUB_CONFIG": str(path),
        "DJANGO_SETTINGS_MODULE": "integration_hub.settings",
        "STATIC_ROOT": str(tmp_path),  # a clone that was just made has no collected files, which the server mentions
    }
    return subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_command_says_what_is_wrong_in_hub_toml_and_how_to_correct_it(tmp_path: Path) -> None:
    said = started(tmp_path, "manage.py", "check")
    assert said.returncode == 1
    assert 'Unknown key "reporting_curency"' in said.stderr
    line = WRONG[: WRONG.index("reporting_curency")].count("\n") + 1
    assert f"{tmp_path / 'hub.toml'}:{line} (company.reporting_curency)" in said.stderr
    assert 'HINT: Did you mean "reporting_currency"?' in said.stderr
    assert "Traceback" not in said.stderr


def test_the_web_server_ends_with_the_same_words_instead_of_starting_again_and_again(tmp_path: Path) -> None:
    wrong_measure = (ROOT / "hub.toml").read_text(encoding="utf-8").replace('"revenue_ytd"', '"revenue_yd"', 1)
    for text, words in ((WRONG, 'Unknown key "reporting_curency"'), (wrong_measure, "'revenue_yd', which does not")):
        said = started(tmp_path, "-c", "import integration_hub.wsgi", text=text)
        assert said.returncode == 3  # what tells gunicorn to end
        assert words in said.stderr
        assert "Traceback" not in said.stderr


def test_the_web_server_starts_with_the_example_and_without_what_only_single_pages_need(tmp_path: Path) -> None:
    words = "import sys, integration_hub.wsgi, integration_hub.urls; print(*sorted(HEAVY & sys.modules.keys()))"
    example = (ROOT / "hub.toml").read_text(encoding="utf-8")
    said = started(tmp_path, "-c", words.replace("HEAVY", repr(HEAVY)), text=example)
    assert (said.returncode, said.stdout, said.stderr) == (0, "\n", "")


def test_a_file_that_is_not_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_bytes("# one\nname = 'Käse'\n".encode("cp1252"))
    with pytest.raises(ConfigurationError, match=r"hub\.toml:2: This is not UTF-8"):
        read_hub(path, {})
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_hub(tmp_path, {})
