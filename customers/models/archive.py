"""Figures of past days, packed: what differs from a month's base, so that years of them stay small."""

from django.db import models


class ArchiveBase(models.Model):
    """A full copy of the figures of many customers at one day, against which other days are packed. Never changed.

    `bucket` counts portions of customers by their id; `data` is compressed text: customers.history.packing says how.
    """

    of_day = models.DateField()
    bucket = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "rollup_archive_base"
        constraints = [models.UniqueConstraint(fields=["of_day", "bucket"], name="rollup_archive_base_once")]


class ArchivedFigures(models.Model):
    """The figures of a bucket of customers at one day, as what differs from the base of the day `base_of`."""

    as_of = models.DateField()
    bucket = models.IntegerField()
    base_of = models.DateField()
    customers = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "rollup_archive"
        constraints = [models.UniqueConstraint(fields=["as_of", "bucket"], name="rollup_archive_once")]
        indexes = [models.Index(fields=["base_of"], name="rollup_archive_base_of")]
