"""Asks for what an ERP needs, tries each answer and the whole, and writes the section into hub.toml."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from integration_hub.config import ConfigurationError, Hub, hub
from integration_hub.config.reading import read_hub
from integration_hub.management.connect_questions import (
    VARIABLE,
    Question,
    kind_of,
    questions,
    variable_name,
)
from integration_hub.sources import SourceCheck, SourceProblem, open_configured

Ask = Callable[[str, str, bool], str]
"""(text, default, hidden) -> what was typed; the default where nothing was."""
Say = Callable[[str], None]


@dataclass
class Answers:
    """What is known so far: keys of hub.toml with their values, and secrets by environment variable."""

    kind: str
    values: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    def section(self) -> str:
        """The source as TOML."""
        kind, profile = kind_of(self.kind)
        plain = {key: value for key, value in self.values.items() if not key.startswith("options.") and value}
        companies = plain.pop("companies", "")
        lines = ["", "[[sources]]", *(f"{key} = {_quoted(plain.pop(key))}" for key in ("name", "label"))]
        lines.append(f"kind = {_quoted(kind)}")
        lines += [f"profile = {_quoted(profile)}"] if profile else []
        lines += [f"{key} = {_quoted(value)}" for key, value in plain.items()]
        if companies:
            lines.append(f"companies = {json.dumps([each.strip() for each in companies.split(',')])}")
        options = {key.removeprefix("options."): value for key, value in self.values.items() if "." in key and value}
        lines += (
            ["[sources.options]", *(f"{key} = {_quoted(value)}" for key, value in options.items())] if options else []
        )
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def connect(kind: str, ask: Ask, say: Say, given: Mapping[str, str]) -> Answers:
    """Go through the questions until the ERP answers, and write the section. Raises CommandError where given up.

    `given` are answers that need not be asked for; a wrong one ends it.
    """
    answers = Answers(kind, given=given)
    path = Path(settings.HUB_CONFIG)
    _identity(answers, ask, say)
    while True:
        for question in questions(kind):
            _answer(question, answers, ask, say)
        try:
            found = _tried(path, answers)
        except (ConfigurationError, SourceProblem) as problem:
            say(_words(problem))
            if given or ask("Change the answers and try again? (y/n)", "y", False).lower() != "y":
                raise CommandError("Nothing was written.") from problem
            continue
        break
    _tell(found, say)
    _companies(path, answers, found, ask, say)
    _write(path, answers)
    return answers


def _identity(answers: Answers, ask: Ask, say: Say) -> None:
    taken = {source.name for source in hub().sources} | {"salesforce"}

    def name_is_free(text: str) -> str:
        if text in taken:
            return f'"{text}" is taken by another source.'
        fits = text.replace("_", "a").isalnum() and text.islower() and text[0].isalpha()
        return "" if fits else "Use lower-case letters, digits and underscores; it begins every key."

    default = next(name for name in (answers.kind, *(f"{answers.kind}_{n}" for n in range(2, 99))) if name not in taken)
    _answer(Question("name", "Short name, never to be changed", default, tried=name_is_free), answers, ask, say)
    _answer(Question("label", "Name on the pages", answers.values["name"].capitalize()), answers, ask, say)


def _answer(question: Question, answers: Answers, ask: Ask, say: Say) -> None:
    """Ask until the answer holds. A secret goes to the environment, and only its variable's name to hub.toml."""
    while True:
        held = _held(question, answers)
        if question.key in answers.given:
            text = answers.given[question.key]
        elif held and answers.given:
            text = held
        else:
            before = "" if question.secret else answers.values.get(question.key, question.default)
            text = ask(question.text, before, question.secret)
        problem = "An answer is needed." if not text and not question.optional else question.tried(text) if text else ""
        if not problem:
            break
        say(problem)
        if question.key in answers.given:
            raise CommandError(f"{question.key}: {problem} Nothing was written.")
    if not question.secret or not text:
        answers.values[question.key] = text
        return
    variable = variable_name(answers.values["name"], question.key)
    if question.key not in answers.given:
        variable = ask("Environment variable that will hold it", variable, False)
    if not VARIABLE.fullmatch(variable):
        raise CommandError(f"{variable} is no name of an environment variable. Nothing was written.")
    answers.values[question.key] = f"${{{variable}}}"
    answers.secrets[variable] = text


def _held(question: Question, answers: Answers) -> str:
    """A secret that the environment holds already, under the name it would be given; nothing else is looked for."""
    return os.environ.get(variable_name(answers.values["name"], question.key), "") if question.secret else ""


def _tried(path: Path, answers: Answers) -> SourceCheck:
    """Sign in with the answers. Raises ConfigurationError or SourceProblem."""
    whole = _read(path, answers)
    source = open_configured(whole.source(answers.values["name"]))
    try:
        return source.check()
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()


def _read(path: Path, answers: Answers) -> Hub:
    """hub.toml as it would be, read and checked."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / path.name
        trial.write_text(_whole(path, answers), encoding="utf-8")
        return read_hub(trial, {**os.environ, **answers.secrets})


def _whole(path: Path, answers: Answers) -> str:
    """The file with the section in front of [salesforce], where the annotated example has its sources."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    place = next(
        (number for number, line in enumerate(lines) if line.startswith(("[salesforce]", "[push]"))), len(lines)
    )
    head = "".join(lines[:place])
    return f"{head}{'' if head.endswith(chr(10)) else chr(10)}{answers.section()}\n{''.join(lines[place:])}"


def _companies(path: Path, answers: Answers, found: SourceCheck, ask: Ask, say: Say) -> None:
    if len(found.companies) < 2 or answers.kind in {"sql", "files"}:
        return
    text = answers.given.get("companies")
    if text is None:
        text = ask("Only some of these companies? Name them, with commas between (empty: all)", "", False)
    answers.values["companies"] = text
    if not text:
        return
    try:
        _tried(path, answers)
    except (ConfigurationError, SourceProblem) as problem:
        raise CommandError(f"{_words(problem)} Nothing was written.") from problem
    say(f"Only {text} will be read.")


def _tell(found: SourceCheck, say: Say) -> None:
    say(f"It answers: {found.version}.")
    if found.companies:
        say(f"Companies: {', '.join(found.companies)}.")
    say(f"Read-only: {found.read_only_proof}")
    for warning in found.warnings:
        say(f"Mind: {warning}")
    if not found.proven:
        say("This kind has not yet been proven against a live system: compare the first figures with the ERP's own.")


def _write(path: Path, answers: Answers) -> None:
    """Replace the file in one step; the old one stays beside it."""
    text = _whole(path, answers)
    path.with_name(f"{path.name}.before").write_bytes(path.read_bytes())
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _words(problem: ConfigurationError | SourceProblem) -> str:
    return str(problem) if isinstance(problem, SourceProblem) else f"{problem.problem} {problem.fix}"
