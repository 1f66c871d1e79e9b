"""What an error code means, what to do, and who can do it, for every page that shows one."""

from collections.abc import Mapping
from dataclasses import dataclass

from integration_hub.push.errors import explain
from integration_hub.push.read_back import DIFFERS
from integration_hub.push.undo import WORDS


@dataclass(frozen=True)
class Words:
    """The words for one code; `who` can fix it."""

    meaning: str
    remedy: str
    who: str


# Our own codes, of values that Salesforce did not refuse. Why an undo left a value says its text already.
OWN: Mapping[str, Words | None] = {
    DIFFERS: Words(
        "An automation or a rounding of the org made something else of the value.",
        "Let that automation skip the field, or make the field wide enough; the value goes out again when its figure "
        "changes.",
        "Salesforce administrator",
    ),
    **dict.fromkeys(WORDS),
}


def words_for(code: str) -> Words | None:
    """None where there is no error, or where its text says everything."""
    if not code or code in OWN:
        return OWN.get(code)
    known = explain(code)
    return Words(known.meaning, known.remedy, known.who)
