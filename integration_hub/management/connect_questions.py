"""What must be known to connect an ERP: one list of questions per kind, and how each answer is tried."""

import re
import socket
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import requests

from integration_hub.config.checking_sources import DIALECTS, LOOPBACK
from integration_hub.config.profiles import FOLDER, profile_names

SECONDS = 10
PORTS = {"postgresql": 5432, "postgres": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Question:
    """One thing to ask; `key` is the key of hub.toml ("options.tenant" for one of [sources.options]).
    Of a `secret` only the name of its environment variable is written into hub.toml.

    `tried` returns what is wrong with an answer, empty where nothing is. An optional question may stay unanswered.
    """

    key: str
    text: str
    default: str = ""
    secret: bool = False
    optional: bool = False
    tried: Callable[[str], str] = lambda _: ""


def questions(kind: str) -> tuple[Question, ...]:
    """What to ask for a kind or profile, in this order."""
    made: dict[str, Callable[[], tuple[Question, ...]]] = {"sql": _sql, "files": _files}
    return made[kind]() if kind in made else _of_profile(kind)


def kinds() -> tuple[str, ...]:
    """What can be connected: profiles, and databases and files of any ERP."""
    return (*profile_names(), "sql", "files")


def kind_of(name: str) -> tuple[str, str]:
    """The source's kind and profile; the profile is empty where there is none."""
    if name in {"sql", "files"}:
        return name, ""
    return str(_profile(name)["kind"]), name


def _profile(name: str) -> Mapping[str, object]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _sql() -> tuple[Question, ...]:
    address = "Address with a role that may only read, as postgresql://role:password@host:5432/database"
    return (Question("url", address, secret=True, tried=reachable_database),)


def _files() -> tuple[Question, ...]:
    return (
        Question("directory", "Folder in which the ERP leaves its files", tried=readable_folder),
        Question("format", "Format: csv, tsv, jsonl or xlsx", default="csv"),
    )


def _of_profile(name: str) -> tuple[Question, ...]:
    profile = _profile(name)
    if profile["kind"] == "sql":
        return _sql()
    asked = cast("list[dict[str, Any]]", profile.get("ask", []))
    return tuple(
        Question(
            key=each["key"],
            text=each["text"],
            default=each.get("default", ""),
            secret=bool(each.get("secret")),
            optional=bool(each.get("optional")),
            tried=reachable_web if each["key"] in {"url", "token_url"} else lambda _: "",
        )
        for each in asked
    )


def reachable_web(address: str) -> str:
    """Whether something answers there over HTTP, whatever it says; nothing of ours is sent along."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        return "Use the https address: a key is not sent in the clear."
    session = requests.Session()
    session.trust_env = parts.hostname not in LOOPBACK
    try:
        session.get(address, timeout=SECONDS, allow_redirects=False, stream=True).close()
    except requests.RequestException as error:
        return f"Nothing answers there ({type(error).__name__})."
    return ""


def reachable_database(address: str) -> str:
    """Whether a server listens there; the role is tried later."""
    parts = urlsplit(address)
    dialect = parts.scheme.partition("+")[0]
    if dialect not in DIALECTS:
        return f"Begin with one of {', '.join(f'{name}://' for name in DIALECTS)}."
    if dialect == "sqlite" or not parts.hostname:
        return ""
    try:
        socket.create_connection((parts.hostname, parts.port or PORTS[dialect]), timeout=SECONDS).close()
    except (OSError, ValueError) as error:
        return f"No server answers at {parts.hostname}: {getattr(error, 'strerror', None) or error}."
    return ""


def readable_folder(path: str) -> str:
    """Whether the folder is there and may be listed."""
    try:
        next(Path(path).iterdir(), None)
    except OSError as error:
        return f"The folder cannot be read: {error.strerror}."
    return ""


def variable_name(source: str, key: str) -> str:
    """The environment variable that is proposed for a secret."""
    return re.sub(r"[^A-Z0-9]+", "_", f"{source}_{key}".upper())
