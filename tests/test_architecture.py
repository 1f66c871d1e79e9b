"""The rules of the house that a machine can check, read from the source without importing it."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Each layer may import the ones before it, never one after it.
LAYERS = ("integration_hub", "customers", "reports")
# The composition root names upper layers, and only as dotted strings.
MAY_NAME_UPPER_LAYERS = {f"integration_hub.{name}" for name in ("settings", "urls", "wsgi", "schedule")}
DOTTED_NAME = re.compile(r"[a-z_]+(\.[A-Za-z_]+)+")
BANNED_NAMES = {"utils", "util", "helpers", "helper", "services", "service", "managers", "manager", "misc"}
# package -> where it may be imported
RESERVED = {
    "pandas": r"reports\.frames(\..+)?",
    "plotly": r"(.+\.)?charts(\..+)?",
    "simple_salesforce": r"integration_hub\.salesforce(\..+)?",
    "django_rq": r"integration_hub\.(jobs|queue_worker|schedule)(\..+)?",
    "rq": r"integration_hub\.(jobs|queue_worker|schedule)(\..+)?",
}
LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION = 300, 400, 50
ORG, CLIENT = "integration_hub.practice.org", "integration_hub.salesforce"


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, its text and its tree, which is made when a rule first looks at it."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(*folders: str) -> tuple[Module, ...]:
    """Every module below the folders, migrations left out: Django writes those."""
    return tuple(module for folder in folders for module in _below(folder))


@cache
def _below(folder: str) -> tuple[Module, ...]:
    paths = (path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts)
    return tuple(Module(_dotted(path), path, path.read_text(encoding="utf-8")) for path in paths)


def project() -> tuple[Module, ...]:
    return modules(*LAYERS)


@cache
def imported(module: Module) -> frozenset[str]:
    """The dotted names a module imports anywhere, also within functions; not those for the type checker only."""
    return frozenset(_imports(module.tree, module))


def _imports(node: ast.AST, module: Module) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for alternative in child.orelse:
                yield from _imports(alternative, module)
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (f"{_absolute(child, module)}.{alias.name}" for alias in child.names)
        elif not isinstance(child, ast.expr):  # no expression holds a statement
            yield from _imports(child, module)


def _absolute(statement: ast.ImportFrom, module: Module) -> str:
    if not statement.level:
        return statement.module or ""
    package = module.name.split(".") if module.path.stem == "__init__" else module.name.split(".")[:-1]
    above = package[: len(package) - statement.level + 1]
    return ".".join([*above, statement.module] if statement.module else above)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_no_layer_imports_a_layer_above_it() -> None:
    wrong = [
        f"{module.name} imports {name}"
        for module in project()
        for upper in LAYERS[LAYERS.index(module.name.partition(".")[0]) + 1 :]
        for name in imported(module)
        if within(name, upper)
    ]
    assert wrong == []


def test_only_the_composition_root_names_an_upper_layer_and_only_in_dotted_strings() -> None:
    wrong = [
        f"{module.name}:{node.lineno} names {node.value}"
        for module in project()
        if module.name not in MAY_NAME_UPPER_LAYERS
        for upper in LAYERS[LAYERS.index(module.name.partition(".")[0]) + 1 :]
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if DOTTED_NAME.fullmatch(node.value) and within(node.value, upper)
    ]
    assert wrong == []


@pytest.mark.parametrize(("package", "place"), RESERVED.items(), ids=RESERVED)
def test_a_reserved_package_is_imported_only_in_its_place(package: str, place: str) -> None:
    users = {module.name for module in project() if any(within(name, package) for name in imported(module))}
    assert {user for user in users if not re.fullmatch(place, user)} == set()


def test_the_practice_org_shares_nothing_with_the_rest_of_the_project() -> None:
    org = [module for module in project() if within(module.name, ORG)]
    borrowed = {
        f"{module.name} imports {name}"
        for module in org
        for name in imported(module)
        if any(within(name, layer) for layer in LAYERS) and not within(name, ORG)
    }
    assert org
    assert borrowed == set()


def test_the_salesforce_client_does_not_know_the_practice_org() -> None:
    client = [module for module in project() if within(module.name, CLIENT)]
    wrong = {module.name for module in client for name in imported(module) if within(name, "integration_hub.practice")}
    assert client
    assert wrong == set()


def test_only_the_practice_command_starts_the_practice_org() -> None:
    users = {
        module.name
        for module in project()
        if not within(module.name, ORG) and any(within(name, ORG) for name in imported(module))
    }
    assert users <= {"integration_hub.management.commands.practice_org"}


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {module.name for module in project()}

    def needs(module: Module) -> set[str]:
        # What is imported from a package is a module of it, or a name in the package itself.
        return {name if name in names else name.rpartition(".")[0] for name in imported(module)} & names - {module.name}

    wanted = {module.name: needs(module) for module in project()}
    while free := {name for name, others in wanted.items() if not others & wanted.keys()}:
        wanted = {name: others for name, others in wanted.items() if name not in free}
    # What is left imports something that is left: a circle, or what leans on one.
    assert {name: sorted(others & wanted.keys()) for name, others in wanted.items()} == {}


def test_every_module_is_named_for_what_it_does() -> None:
    wrong = [module.name for module in modules(*LAYERS, "tests") if BANNED_NAMES & set(module.name.split("."))]
    assert wrong == []


def test_no_file_is_too_long() -> None:
    lengths = {module.name: len(module.text.splitlines()) for module in modules(*LAYERS, "tests")}
    limits = {name: LONGEST_TEST_FILE if within(name, "tests") else LONGEST_FILE for name in lengths}
    assert {name: length for name, length in lengths.items() if length > limits[name]} == {}


def test_no_function_is_too_long() -> None:
    wrong = {
        f"{module.name}.{node.name}": length
        for module in project()
        for node in module.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert wrong == {}


def test_no_page_holds_inline_script_or_style() -> None:
    inline = re.compile(
        r"""<style|\sstyle\s*=|<script(?![^>]*\ssrc=)(?![^>]*type="application/json")|\son[a-z]+\s*=\s*["']"""
    )
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if inline.search(line)
    ]
    assert wrong == []


def test_statements_live_in_sql_files_that_say_their_grain() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for layer in LAYERS
        for path in sorted((ROOT / layer).rglob("*.sql"))
        if not path.read_text(encoding="utf-8").startswith("-- ")
    ]
    assert silent == []
