"""Puts files of changed rows in order, and says which of them are due after the one that was read last."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from integration_hub.config import SourceConfig, StreamConfig
from integration_hub.erp.files.delivery import Folder, Listed, found_files, no_file, still_arriving
from integration_hub.sources import NothingNew, SourceProblem

NUMBER = re.compile(r"\d+")
LONGEST_NUMBERS = 32  # characters that a stream's state has room for
SHOWN_HASH = 16
Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Place:
    """How far the files were read: the numbers in the last one's name, the latest time of writing, the last content."""

    numbers: Numbers
    modified_ns: int
    content: str

    @property
    def text(self) -> str:
        """As the stream's state keeps it."""
        return f"{self.content[:SHOWN_HASH]}-{self.modified_ns:x}-{'.'.join(map(str, self.numbers))}"

    @classmethod
    def of(cls, text: str | None) -> "Place | None":
        """Read what `text` wrote; None where the stream stands at its beginning, or was one of full files."""
        found = re.fullmatch(rf"([0-9a-f]{{{SHOWN_HASH}}})-([0-9a-f]+)-([0-9.]*)", text or "")
        if found is None:
            return None
        content, modified, numbers = found.groups()
        return cls(tuple(map(int, numbers.split("."))) if numbers else (), int(modified, 16), content)


@dataclass(frozen=True)
class Due:
    """The files to read, in order. `whole`: the first holds all rows. `why` says what waits behind them."""

    files: Sequence[Listed]
    whole: bool
    why: str = ""


def numbers(stream: StreamConfig, name: str) -> Numbers:
    """What a file is ordered by before its time. Raises SourceProblem for a name that cannot be ordered so."""
    if stream.order == "time":
        return ()
    found = tuple(int(each) for each in NUMBER.findall(name.rpartition("/")[2]))
    if stream.sequence and not found:
        raise SourceProblem(
            f'{name} has no number in its name, but "{stream.name}" is read by number.',
            "It cannot be told whether a file is missing. Nothing was read.",
            "Have the file renamed, correct path in hub.toml so that it leaves this file out, or remove sequence.",
        )
    found = found[-1:] if stream.sequence else found
    if len(".".join(map(str, found))) > LONGEST_NUMBERS:
        raise SourceProblem(
            f"The name {name} holds too many digits to be remembered.",
            f'"{stream.name}" was not read.',
            'Set order = "time" for this stream, or have shorter names.',
        )
    return found


def due_files(
    folder: Folder,
    source: SourceConfig,
    stream: StreamConfig,
    place: Place | None,
    is_known: Callable[[Listed], bool],
) -> Due:
    """The settled files behind `place`, from the newest full one on, up to the first that is missing or arriving.

    `is_known` says whether a file was read before. Raises NothingNew where nothing is due, and SourceProblem for a gap,
    and for a file that came too late to be read in its turn.
    """
    deltas = {each.name: each for each in found_files(folder, source, stream, stream.path)}
    wholes = {each.name: each for each in _full(folder, source, stream)}
    order = {name: numbers(stream, name) for name in deltas | wholes}
    files = sorted((deltas | wholes).values(), key=lambda each: (order[each.name], each.modified_ns, each.name))
    if not files and place is None:
        raise no_file(folder, source, stream)
    newer = [each for each in files if place is None or _is_behind(order[each.name], each, place)]
    if place is not None:
        late = [each for each in files if each not in newer and each.modified_ns > place.modified_ns]
        # A full file that came late is older than what was read since: nothing of it is needed.
        _refuse_late(stream, [each for each in late if each.name not in wholes], is_known)
    starts = [number for number, each in enumerate(newer) if each.name in wholes and each.settled]
    newer = newer[starts[-1] :] if starts else newer
    ready: list[Listed] = []
    why = ""
    for each in newer:
        before = order[ready[-1].name] if ready else place.numbers if place and not starts else ()
        why = _gap(stream, before, order[each.name], each) if stream.sequence and before else ""
        if why or not each.settled:
            break
        ready.append(each)
    if ready:
        return Due(ready, bool(starts), why)
    if why:
        raise SourceProblem(
            why,
            "Later files were not read: rows of the missing one would be lost. What was loaded before stays.",
            f"Have the missing file delivered again, or a full one; {_anew(source, stream)} reads without it.",
        )
    raise still_arriving(newer[0], source, stream) if newer else NothingNew("no file came after the one read last")


def _full(folder: Folder, source: SourceConfig, stream: StreamConfig) -> list[Listed]:
    return found_files(folder, source, stream, stream.full_path) if stream.full_path else []


def _is_behind(found: Numbers, listed: Listed, place: Place) -> bool:
    return (found, listed.modified_ns) > (place.numbers, place.modified_ns)


def _gap(stream: StreamConfig, before: Numbers, found: Numbers, listed: Listed) -> str:
    """What is missing between two numbers; the same number again is a corrected delivery."""
    last, now = before[-1], found[-1]
    if now in {last, last + 1}:
        return ""
    missing = f"number {last + 1}" if now == last + 2 else f"numbers {last + 1} to {now - 1}"
    return f'A file of "{stream.name}" is missing: after number {last} comes {listed.name}, without {missing}.'


def _refuse_late(stream: StreamConfig, late: Sequence[Listed], is_known: Callable[[Listed], bool]) -> None:
    for each in late:
        if each.settled and not is_known(each):
            raise SourceProblem(
                f"{each.name} came after files that follow it were read.",
                "Its rows may be older than those that were read since, so it was left alone, and nothing was read.",
                f"Read all files once more in their order with: manage.py sync --full --stream {stream.name}. "
                'Or set order = "time", if files are to be read in the order in which they come.',
            )


def _anew(source: SourceConfig, stream: StreamConfig) -> str:
    return f"manage.py sync --source {source.name} --stream {stream.name} --full"
