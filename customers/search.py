"""Finding customers by words of their name, numbers and city, and documents by their number."""

import unicodedata

from django.db.models import Q

MOST_WORDS = 8


def fold(text: str) -> str:
    """Lower case without accents, so that Müller, MULLER and muller are one; as customers/sql stores search_text."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f").lower().replace("ß", "ss")


def matching(text: str, column: str) -> Q:
    """Rows whose folded `column` holds every word of the text, in any order; an empty text matches all."""
    condition = Q()
    for word in fold(text).split()[:MOST_WORDS]:
        condition &= Q(**{f"{column}__contains": word})
    return condition
