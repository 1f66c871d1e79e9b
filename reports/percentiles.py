"""Medians and other percentiles of whole numbers, by PostgreSQL."""

from typing import Any

from django.db.models import Aggregate, IntegerField


class Percentile(Aggregate):
    """The least value that a fraction of the values, written as "0.9", does not exceed: always one that occurs."""

    template = "percentile_disc(%(fraction)s) within group (order by %(expressions)s)"

    def __init__(self, expression: Any, fraction: str, **more: Any) -> None:
        super().__init__(expression, fraction=fraction, output_field=IntegerField(), **more)
