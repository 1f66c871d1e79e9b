"""Who calls, and which fields that user may read and edit."""

from __future__ import annotations

from dataclasses import dataclass, field

from .fields import Field, ObjectType

Rights = tuple[bool, bool]
ALL: Rights = (True, True)


@dataclass
class FieldAccess:
    """Field-level access where it differs from full access: (user id, object, field) -> (readable, editable)."""

    rights: dict[tuple[str, str, str], Rights] = field(default_factory=dict)

    def set(self, user_id: str, sobject: str, name: str, rights: Rights) -> None:
        """Set one user's rights on one field."""
        self.rights[user_id, sobject.lower(), name.lower()] = rights


@dataclass(frozen=True)
class Caller:
    """The user behind a session, asking about fields."""

    user_id: str
    access: FieldAccess
    hidden: str = ""
    """A field nobody may read during this call, as `Field` or `Object.Field`."""

    def _rights(self, sobject: ObjectType, name: str) -> Rights:
        if self.hidden and self.hidden.lower() in {name.lower(), f"{sobject.name}.{name}".lower()}:
            return (False, False)
        return self.access.rights.get((self.user_id, sobject.name.lower(), name.lower()), ALL)

    def field(self, sobject: ObjectType, name: str) -> Field | None:
        """The field if it exists and this user may read it: the two refusals look the same."""
        found = sobject.get(name)
        return found if found and self._rights(sobject, name)[0] else None

    def fields(self, sobject: ObjectType) -> list[Field]:
        """The fields of an object that this user may read, in describe order."""
        return [each for each in sobject if self._rights(sobject, each.name)[0]]

    def editable(self, sobject: ObjectType, name: str) -> bool:
        """Whether this user may write the field, as far as field-level access goes."""
        readable, editable = self._rights(sobject, name)
        return readable and editable
