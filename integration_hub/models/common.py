"""What every mirrored table has in common: text keys, money that refuses NaN, references without constraints,
tombstones.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

KEY_LENGTH = 120

_Set = TypeVar("_Set")
_Get = TypeVar("_Get")

# Django's fields take type parameters only in the stubs; at run time these accept and ignore them.
if TYPE_CHECKING:
    TextColumn = models.CharField
    DecimalColumn = models.DecimalField
else:

    class TextColumn(models.CharField):
        """CharField that may be subscripted."""

        def __class_getitem__(cls, _types: object) -> type:
            return cls

    class DecimalColumn(models.DecimalField):
        """DecimalField that may be subscripted."""

        def __class_getitem__(cls, _types: object) -> type:
            return cls


class KeyField(TextColumn[_Set, _Get]):
    """A text key. Plain varchar in the database, so Django adds no second pattern-ops index beside each index."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", KEY_LENGTH)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return f"character varying({self.max_length})"


class _FiniteDecimalField(DecimalColumn[_Set, _Get]):
    """A numeric column with a CHECK that refuses NaN: one NaN would turn every sum into NaN."""

    digits, places = 19, 4

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", self.digits)
        kwargs.setdefault("decimal_places", self.places)
        super().__init__(*args, **kwargs)

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        return f"\"{self.column}\" <> 'NaN'::numeric"


class MoneyField(_FiniteDecimalField[_Set, _Get]):
    """An amount, numeric(19,4); its currency stands in a column beside it."""


class QuantityField(_FiniteDecimalField[_Set, _Get]):
    """A quantity, numeric(19,6); its unit code stands in a column beside it."""

    places = 6


class RateField(_FiniteDecimalField[_Set, _Get]):
    """An exchange rate, numeric(20,10): units of the target currency per one unit of the document currency."""

    digits, places = 20, 10


class CurrencyField(TextColumn[_Set, _Get]):
    """An ISO 4217 code, upper case; empty where the source gives none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("default", "")
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


class Label(TextColumn[_Set, _Get]):
    """Text from the source, shown as it came; empty where the source gives none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 255)
        kwargs.setdefault("default", "")
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)


def mirror_ref(to: str, related_name: str = "+", *, indexed: bool = True) -> Any:
    """A reference to another mirrored row that may arrive later or never: no database constraint, nothing cascades."""
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name=related_name,
        db_index=indexed,
    )


class MirrorQuerySet(models.QuerySet[Any]):
    """QuerySet of a mirrored table."""

    def live(self) -> "MirrorQuerySet":
        """Only rows that the source still has."""
        return self.filter(deleted_at=None)


class Mirrored(models.Model):
    """Common columns of a mirrored row.

    `key` is "<source>:<source's own id>" (Salesforce: the 18-character id). `deleted_at` is the tombstone and
    `gone_reason` says why the row is gone: deleted, left_source, excluded or merged. Gone never means cancelled. A live
    row with the reason "closed" is a document that its source forgets once it is finished.
    `run` is the id of the run that last wrote the row. `fingerprint` is a hash of the text it was read from; null where
    that is not known or no longer says what the row holds.
    """

    key = KeyField(primary_key=True)
    source = models.CharField(max_length=40)
    source_modified_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    gone_reason = models.CharField(max_length=20, default="", blank=True)
    run = models.BigIntegerField(null=True, blank=True)
    fingerprint = models.BigIntegerField(null=True, blank=True)

    objects = MirrorQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key
