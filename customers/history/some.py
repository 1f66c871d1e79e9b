"""The figures of some customers at an archived day, taken out of the archive and put back: the rest stays packed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from customers.history.days import base_lines, bring
from customers.history.figures import BUCKET, figure_columns, read_figures, write_figures
from customers.history.packing import apply, compress, difference, expand
from customers.models import ArchivedFigures, CustomerRollup, RollupDay


@contextmanager
def unpacked(day: date, customers: Sequence[int]) -> Iterator[None]:
    """While the block runs, the figures of the customers at the day are in the table, as those of a day that is there
    anyway; what it makes of them is kept. In a transaction that no publish overlaps.
    """
    if not RollupDay.objects.filter(as_of=day, stored=False).exists():
        yield
        return
    columns = figure_columns()
    buckets = {customer // BUCKET for customer in customers}
    archived = {each.bucket: each for each in ArchivedFigures.objects.filter(as_of=day, bucket__in=buckets)}
    if archived.keys() != buckets or any(expand(bytes(each.data))[0] != columns for each in archived.values()):
        # Packed by a version with other columns, or without these customers.
        bring(day)
        yield
        return
    whole = {bucket: _lines(each, columns) for bucket, each in archived.items()}
    wanted = {str(customer) for customer in customers}
    for lines in whole.values():
        write_figures(day, columns, [lines.pop(customer) for customer in wanted & lines.keys()])
    yield
    found = dict(read_figures(day, columns))
    for bucket, each in archived.items():
        lines = dict(sorted((whole[bucket] | found.get(bucket, {})).items(), key=lambda pair: int(pair[0])))
        each.data = compress(columns, difference(base_lines(each.base_of, bucket, columns), lines))
        each.customers = len(lines)
        each.save(update_fields=["data", "customers"])
    CustomerRollup.objects.filter(as_of=day).delete()


def _lines(each: ArchivedFigures, columns: Sequence[str]) -> dict[str, str]:
    return apply(base_lines(each.base_of, each.bucket, columns), expand(bytes(each.data))[1])
