"""One event is one line of the log, whatever somebody typed."""

import json
import logging
import sys

from integration_hub.log_lines import JsonLine, Line


def record(message: str, *args: object, exc_info: object = None) -> logging.LogRecord:
    made = logging.LogRecord("hub", logging.WARNING, __file__, 1, message, args, exc_info)  # type: ignore[arg-type]
    made.created = 1_772_000_000.25
    return made


def test_a_name_with_line_breaks_cannot_forge_a_line() -> None:
    forged = "Anna\n2026-01-01T00:00:00.000Z INFO hub signed in\x1b[31m\u2028"
    line = Line().format(record("login refused: %s", forged))
    assert line.splitlines() == [line]
    assert line.startswith("2026-02-25T06:13:20.250Z WARNING hub login refused: Anna 2026-01-01")
    told = JsonLine().format(record("login refused: %s", forged))
    assert "\n" not in told
    assert json.loads(told)["message"] == f"login refused: {forged}"


def test_a_traceback_follows_its_line() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        told = sys.exc_info()
    first, *rest = Line().format(record("it broke", exc_info=told)).split("\n")
    assert first.endswith("it broke")
    assert all(line.startswith("    ") for line in rest)
    assert any("ValueError: first" in line for line in rest)
    assert "ValueError" in json.loads(JsonLine().format(record("it broke", exc_info=told)))["traceback"]
