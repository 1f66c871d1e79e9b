"""The list of mutations stays whole: it fits the source, covers every trap, and names tests that are there."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.mutants.catalogue import Mutation, mutations
from tests.mutants.catalogue import test_name as name_of

ROOT = Path(__file__).resolve().parents[2]
ALL = mutations()


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("mutation", ALL, ids=lambda each: each.name)
def test_a_mutation_changes_one_line_into_other_valid_python(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    changed = mutation.mutated(text)
    assert changed != text
    if mutation.file.endswith(".py"):
        ast.parse(changed)


@pytest.mark.parametrize("mutation", ALL, ids=lambda each: each.name)
def test_a_mutations_tests_exist_and_carry_the_traps_number(mutation: Mutation) -> None:
    for node in mutation.tests:
        name = name_of(node)
        assert name in functions(node.partition("::")[0])
        assert f"trap_{mutation.trap}_" in name
