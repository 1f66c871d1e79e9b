"""What an error code means, what to do, and who can do it, for every page that shows one."""

from dataclasses import dataclass

from integration_hub.push.errors import explain


@dataclass(frozen=True)
class Words:
    """The words for one code; `who` can fix it."""

    meaning: str
    remedy: str
    who: str


def words_for(code: str) -> Words | None:
    """None where there is no error."""
    if not code:
        return None
    known = explain(code)
    return Words(known.meaning, known.remedy, known.who)
