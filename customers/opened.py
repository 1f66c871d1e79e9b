"""The customers that a user opened last. They are kept in the session on the server: machines are shared."""

from django.contrib.sessions.backends.base import SessionBase

KEPT = 8
NAME = "opened_customers"


def remember_customer(session: SessionBase, pk: int) -> None:
    """Put a customer first among those opened last; writes only when that changes something."""
    before = opened_customers(session)
    if before[:1] != [pk]:
        session[NAME] = [pk, *(other for other in before if other != pk)][:KEPT]


def opened_customers(session: SessionBase) -> list[int]:
    """Ids, the last opened first."""
    kept = session.get(NAME, [])
    return [pk for pk in kept if isinstance(pk, int)] if isinstance(kept, list) else []
