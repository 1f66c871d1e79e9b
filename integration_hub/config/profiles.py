"""Ready-made streams: a profile is a TOML file of streams for one ERP, which hub.toml may change, add to or omit."""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from integration_hub.config.problems import ConfigurationError

FOLDER = Path(__file__).parent.parent / "erp" / "profiles"
Where = Callable[[tuple[str | int, ...]], str]


def profile_names() -> tuple[str, ...]:
    """Every profile there is."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def with_profiles(data: Any, where: Where) -> Any:
    """The raw configuration with each source's profile filled in. Raises ConfigurationError for an unknown name.

    A stream of hub.toml with the name of one in the profile changes only the keys it has; its columns likewise.
    """
    for number, source in enumerate(data.get("sources", [])):
        if isinstance(source, dict) and isinstance(source.get("profile"), str) and source["profile"]:
            _fill(source, number, where)
        elif isinstance(source, dict):
            source.setdefault("streams", [])
    return data


def _fill(source: dict[str, Any], number: int, where: Where) -> None:
    name = source["profile"]
    if name not in profile_names():
        raise ConfigurationError(
            where(("sources", number, "profile")),
            f'There is no profile "{name}".',
            f"Use one of: {', '.join(profile_names())}.",
        )
    profile = tomllib.loads(_text(name))
    if source.get("kind") != profile["kind"]:
        raise ConfigurationError(
            where(("sources", number, "kind")),
            f'The profile "{name}" is for sources of kind {profile["kind"]}.',
            f'Write kind = "{profile["kind"]}", or use another profile.',
        )
    own = {stream.get("name"): stream for stream in source.get("streams", []) if isinstance(stream, dict)}
    left_out = source.get("without", [])
    unknown = [each for each in left_out if each not in {stream["name"] for stream in profile["streams"]}]
    if unknown:
        raise ConfigurationError(
            where(("sources", number, "without")),
            f'The profile "{name}" has no stream "{unknown[0]}".',
            f"It has: {', '.join(stream['name'] for stream in profile['streams'])}.",
        )
    ready = [_merged(stream, own.pop(stream["name"], {})) for stream in profile["streams"]]
    source["streams"] = [stream for stream in ready if stream["name"] not in left_out] + list(own.values())
    for key, value in profile.get("source", {}).items():
        own_value = source.setdefault(key, value)
        if isinstance(value, dict) and isinstance(own_value, dict):
            source[key] = {**value, **own_value}


def _merged(ready: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    columns = {**ready.get("columns", {}), **own.get("columns", {})}
    return {**ready, **own, **({"columns": columns} if columns else {})}
