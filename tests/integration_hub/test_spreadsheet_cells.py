"""No text in any CSV file runs as a formula, whoever makes the file."""

import ast
from pathlib import Path

import pytest

from integration_hub.spreadsheet_cells import defused, safe

ROOT = Path(__file__).resolve().parents[2]
EVIL = [
    "=1+1",
    "-cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    " =1+1",
    "＝1+1",
    "＠SUM(1)",
    "－1",
    "-NaN",
    "+1_000",
]


@pytest.mark.parametrize("text", EVIL)
def test_a_text_that_would_run_as_a_formula_is_defused_in_every_file(text: str) -> None:
    assert defused(text).startswith("'")
    assert safe(text) == defused(text)
    assert "\0" not in safe(text)


@pytest.mark.parametrize("text", ["Müller & Söhne", "A=B", "00042", "O'Brien", "1E5"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert (defused(text), safe(text)) == (text, text)


@pytest.mark.parametrize("text", ["-12.50", "-5", "0.0001"])
def test_a_number_stays_one_where_numbers_stand_among_the_texts(text: str) -> None:
    assert safe(text) == text


def test_there_is_no_second_rule() -> None:
    """Nobody else says which beginnings make a formula."""
    others = [
        str(path.relative_to(ROOT))
        for folder in ("integration_hub", "customers", "reports")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "spreadsheet_cells.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
        and {"=", "+", "-", "@"} <= {each.value for each in node.elts if isinstance(each, ast.Constant)}
    ]
    assert others == []
