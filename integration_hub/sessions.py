"""Sessions in the database, as Django's own: only the statement that reads one is kept from request to request."""

from typing import Any

from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.utils import timezone

from integration_hub.prepared import prepared


class SessionStore(db.SessionStore):
    """Reads a session by its key, unless it is over."""

    def _get_session_from_db(self) -> Any:
        for found in _by_key((self.session_key,)) if self.session_key else ():
            if found.expire_date > timezone.now():
                return found
        self._session_key = None
        return None


@prepared
def _by_key(keys: tuple[str, ...]) -> QuerySet[Any]:
    sessions: QuerySet[Any] = SessionStore.get_model_class().objects.filter(session_key__in=keys)
    return sessions
