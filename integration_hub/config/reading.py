"""Reads hub.toml: environment references, types, unknown keys and references, each refused with its place and the
fix.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from pydantic import TypeAdapter, ValidationError

from integration_hub.config import shape
from integration_hub.config.checking import check
from integration_hub.config.problems import ConfigurationError
from integration_hub.config.profiles import with_profiles
from integration_hub.config.retired import MODERN_FLOWS, RETIRED_FLOWS
from integration_hub.config.shape import Column, Hub

# ${NAME}, or ${NAME:-what stands there without it}
REFERENCE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}")
SECRET_REFERENCE = re.compile(r"\$\{[A-Z][A-Z0-9_]*(?::-)?\}")
UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}
SECRET_KEYS = {"client_secret", "consumer_secret", "refresh_token", "password", "api_key", "webhook_secret"}
# postgresql://role:password@host, with a password that is not a reference
PASSWORD_IN_ADDRESS = re.compile(r"://[^/@:]*:(?!\$\{[A-Z][A-Z0-9_]*\}@)[^/@]+@")


def read_hub(path: Path, environment: Mapping[str, str] | None = None) -> Hub:
    """Read and check one file. Raises ConfigurationError with line or key path and the fix."""
    env = os.environ if environment is None else environment
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigurationError(
            str(path), "The file does not exist.", "Create it, or set HUB_CONFIG to its path."
        ) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{path}:{line}", "This is not UTF-8 text.", "Save the file as UTF-8.") from error
    except OSError as error:
        raise ConfigurationError(
            str(path), f"The file cannot be read: {error.strerror}.", "Correct it, or set HUB_CONFIG to another path."
        ) from error
    return read_text(text, path, env)


def read_text(text: str, path: Path, environment: Mapping[str, str] | None = None) -> Hub:
    """The same of a text that stands, or is to stand, at this path. Raises ConfigurationError."""
    env = os.environ if environment is None else environment
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(str(path), f"Not valid TOML: {error}.", "Correct that line.") from error
    place = _Place(path, text)
    data = _tuples(_short_forms(with_profiles(_resolve(raw, env, place, ()), place.of)))
    try:
        # As JSON: pydantic's strict mode makes dataclasses out of JSON objects, never out of Python dicts.
        hub = _adapter().validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        raise _explain(error, place) from error
    check(hub, place.of)
    return _with_whole_paths(hub, path.resolve().parent)


@cache
def _adapter() -> TypeAdapter[Hub]:
    """Made once: making it takes longer than reading the file."""
    return TypeAdapter(Hub)


def _with_whole_paths(hub: Hub, beside: Path) -> Hub:
    """Folders and files in hub.toml are relative to it, wherever the process was started."""

    def whole(path: str) -> str:
        return str(beside / path) if path else ""

    sources = tuple(
        replace(
            source,
            directory=whole(source.directory),
            archive_directory=whole(source.archive_directory),
            private_key_file=whole(source.private_key_file),
        )
        for source in hub.sources
    )
    salesforce = hub.salesforce
    if salesforce is not None:
        salesforce = replace(salesforce, private_key_file=whole(salesforce.private_key_file))
    exports = replace(hub.exports, folder=whole(hub.exports.folder))
    return replace(hub, sources=sources, salesforce=salesforce, exports=exports)


def place_in_hub(*keys: str | int) -> str:
    """Where a key stands in the file in force, as "<file>:<line> (a.b[0].c)": for checks of the layers above."""
    path = Path(settings.HUB_CONFIG)
    return _Place(path, path.read_text(encoding="utf-8")).of(keys)


class _Place:
    """Finds the line of a key path in the file, as well as a text search can."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.lines = path, text.splitlines()

    def of(self, keys: tuple[str | int, ...]) -> str:
        """ "<file>:<line> (a.b[0].c)"; the line of the deepest key that is found."""
        dotted = ""
        for key in keys:
            dotted += f"[{key}]" if isinstance(key, int) else f".{key}" if dotted else str(key)
        line = self._line(keys)
        return f"{self.path}:{line} ({dotted})" if line else f"{self.path} ({dotted})"

    def _line(self, keys: tuple[str | int, ...]) -> int:
        row, header = 0, ""
        for position, key in enumerate(keys):
            if isinstance(key, int):
                row = self._nth(header, key, row)
                continue
            header = f"{header}.{key}" if header else key
            upcoming = keys[position + 1] if position + 1 < len(keys) else None
            if isinstance(upcoming, int):
                continue
            row = self._key(header, key, row)
        return row

    def _nth(self, header: str, wanted: int, start: int) -> int:
        seen = -1
        for number, line in enumerate(self.lines, 1):
            if number > start and line.strip().startswith(f"[[{header}]]"):
                seen += 1
                if seen == wanted:
                    return number
        return start

    def _key(self, header: str, key: str, start: int) -> int:
        pattern = re.compile(rf"^\s*(\[{re.escape(header)}\]|\"?{re.escape(key)}\"?\s*[=.])")
        for number, line in enumerate(self.lines, 1):
            if number >= start and pattern.match(line):
                return number
        return start


def _resolve(value: Any, env: Mapping[str, str], place: _Place, keys: tuple[str | int, ...]) -> Any:
    if isinstance(value, dict):
        return {name: _resolve(item, env, place, (*keys, name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, env, place, (*keys, i)) for i, item in enumerate(value)]
    if not isinstance(value, str) or keys[-1] == "query":
        return value
    literal = keys[-1] in SECRET_KEYS and value and not SECRET_REFERENCE.fullmatch(value)
    if literal or PASSWORD_IN_ADDRESS.search(value):
        raise ConfigurationError(
            place.of(keys),
            "A secret stands in the file.",
            'Put it into the environment and write "${NAME}" here.',
        )

    def resolved(match: re.Match[str]) -> str:
        name, otherwise = match.groups()
        if name not in env and otherwise is not None:
            return str(otherwise)
        if name not in env:
            raise ConfigurationError(
                place.of(keys),
                f"The environment has no {name}.",
                _remedy(name, secret=keys[-1] in SECRET_KEYS),
            )
        return env[name]

    return REFERENCE.sub(resolved, value)


def _remedy(name: str, *, secret: bool) -> str:
    restart = f"Set {name} in the environment of web, worker and scheduler, and start them again"
    return f"{restart}." if secret else f'{restart}, or write "${{{name}:-...}}" with what holds without it.'


def _short_forms(data: Any) -> Any:
    """Allow `customer = "KUNNR"` for `customer = { source = ["KUNNR"] }`, a single source name as text, and in
    [masters] `city = "erp"` for `city = { master = "erp" }`.
    """
    masters = data.get("masters") if isinstance(data, dict) else None
    if isinstance(masters, dict):
        short = {name for name, master in masters.items() if isinstance(master, str) and name != "erp_contact"}
        masters |= {name: {"master": masters[name]} for name in short}
    for source in data.get("sources", []) if isinstance(data, dict) else []:
        for stream in source.get("streams", []) if isinstance(source, dict) else []:
            columns = stream.get("columns") if isinstance(stream, dict) else None
            if not isinstance(columns, dict):
                continue
            for name, column in columns.items():
                if isinstance(column, str):
                    columns[name] = {"source": [column]}
                elif isinstance(column, dict) and isinstance(column.get("source"), str):
                    column["source"] = [column["source"]]
    return data


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tuples(item) for name, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _explain(error: ValidationError, place: _Place) -> ConfigurationError:
    # A misspelt key is also a missing one; the spelling is what has to be told.
    first = min(error.errors(include_url=False), key=lambda each: each["type"] not in UNKNOWN)
    keys = tuple(key for key in first["loc"] if not _is_type_name(key))
    where = place.of(keys)
    name = str(keys[-1]) if keys else ""
    if first["type"] in UNKNOWN:
        close = get_close_matches(name, _all_keys(), n=1)
        hint = f'Did you mean "{close[0]}"?' if close else "Remove it; hub.toml shows every key."
        return ConfigurationError(where, f'Unknown key "{name}".', hint)
    if first["type"] in {"missing", "missing_argument"}:
        return ConfigurationError(where, f'The key "{name}" is missing.', "Add it.")
    if keys[-2:] == ("salesforce", "flow") and first.get("input") in RETIRED_FLOWS:
        return ConfigurationError(where, RETIRED_FLOWS[first["input"]], MODERN_FLOWS)
    return ConfigurationError(
        where,
        f"{first['msg']}, but it is {first.get('input')!r}.",
        "Correct the value.",
    )


def _is_type_name(key: str | int) -> bool:
    return isinstance(key, str) and key in {"SalesforceConfig", "PushConfig", Column.__name__}


def _all_keys() -> list[str]:
    names: set[str] = set()
    for item in vars(shape).values():
        names.update(getattr(item, "__dataclass_fields__", {}))
    return sorted(names)
