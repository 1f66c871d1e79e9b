"""The list of mutations stays whole: it fits the source, covers every trap, and names tests that are there."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.mutants.catalogue import EVERY_TRAP, Mutation, mutations, name_of

ROOT = Path(__file__).resolve().parents[2]
ALL = mutations()
PRODUCT = ("integration_hub/", "customers/", "reports/")
PRACTICE = "integration_hub/practice/"
OVER_HTTP = frozenset({"practice_org", "world", "company", "relayed", "org", "sign_in", "config", "sync", "work"})
"""Fixtures that stand for a practice org, or for a client of one."""


@cache
def functions(path: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@cache
def trap_tests() -> dict[str, ast.FunctionDef]:
    """Every test of the suite that carries a trap's number or name."""
    paths = [path for path in (ROOT / "tests").rglob("test_*.py") if path.parent.name != "mutants"]
    found = {name: node for path in paths for name, node in functions(str(path.relative_to(ROOT))).items()}
    return {name: node for name, node in found.items() if name.startswith("test_trap_")}


@pytest.mark.parametrize("mutation", ALL, ids=lambda each: each.name)
def test_a_mutation_changes_one_line_of_the_product_into_other_valid_text(mutation: Mutation) -> None:
    assert mutation.file.startswith(PRODUCT)
    assert not mutation.file.startswith(PRACTICE)
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    changed = mutation.mutated(text)
    assert changed != text
    if mutation.file.endswith(".py"):
        ast.parse(changed)


@pytest.mark.parametrize("mutation", ALL, ids=lambda each: each.name)
def test_a_mutations_tests_exist_and_carry_the_traps_number(mutation: Mutation) -> None:
    assert mutation.tests
    for node in mutation.tests:
        name = name_of(node)
        assert name in functions(node.partition("::")[0])
        assert name.startswith(f"test_trap_{mutation.trap}_")


@pytest.mark.parametrize("trap", EVERY_TRAP)
def test_every_trap_has_a_test_over_http_and_a_mutation(trap: str) -> None:
    mine = {name: node for name, node in trap_tests().items() if name.startswith(f"test_trap_{trap}_")}
    asked = {argument.arg for node in mine.values() for argument in node.args.args}
    assert asked & OVER_HTTP, f"no test of trap {trap} asks a practice org"
    assert any(mutation.trap == trap for mutation in ALL), f"nothing shows that trap {trap} is guarded"


def test_every_test_of_a_trap_carries_one_of_the_known_names() -> None:
    known = tuple(f"test_trap_{trap}_" for trap in EVERY_TRAP)
    assert [name for name in trap_tests() if not name.startswith(known)] == []
    assert {mutation.trap for mutation in ALL} == set(EVERY_TRAP)


def test_no_two_mutations_are_the_same() -> None:
    assert len({(each.file, each.line, each.instead, each.trap) for each in ALL}) == len(ALL)
