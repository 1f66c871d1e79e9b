"""The switches of the operator page: what each one breaks and what is then to be seen in Customer 360."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXT = Path(__file__).with_name("drills.txt")


@dataclass(frozen=True)
class Drill:
    """One switch: the fault behind it, both sentences, and (name, label) of the options in its form."""

    fault: str
    breaks: str
    shows: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Theme:
    """Switches that belong together."""

    title: str
    about: str
    drills: tuple[Drill, ...]


@cache
def themes() -> tuple[Theme, ...]:
    """Every theme in the order of the page."""
    heads: list[tuple[str, str, list[Drill]]] = []
    for line in TEXT.read_text("utf-8").splitlines():
        parts = [part.strip() for part in line.removeprefix("=").split("|")]
        if line.startswith("="):
            heads.append((parts[0], parts[1], []))
        elif line and not line.startswith("#"):
            heads[-1][2].append(Drill(parts[0], parts[1], parts[2], _options(parts[3] if len(parts) > 3 else "")))
    return tuple(Theme(title, about, tuple(drills)) for title, about, drills in heads)


def _options(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (each.partition("=")[::2] for each in text.split(";") if each)
    return tuple((name.strip(), label.strip()) for name, label in pairs)
