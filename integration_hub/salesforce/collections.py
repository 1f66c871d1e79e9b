"""Updates few records with one Collections call; answers come in the order of the rows."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integration_hub.salesforce.answers import RowAnswer
from integration_hub.salesforce.connection import Connection
from integration_hub.salesforce.errors import not_readable
from integration_hub.salesforce.ids import to_18

MOST_ROWS = 200
ID = "Id"


def update_collection(
    connection: Connection,
    sobject: str,
    rows: Sequence[Mapping[str, object]],
    *,
    going: Callable[[], bool] | None = None,
) -> list[RowAnswer]:
    """Update up to 200 rows, each with its `Id`; None clears a field, an absent one stays.

    One answer per row, in order. A row that fails leaves the others alone (allOrNone is false).
    `going` is asked before every further try. Raises NotWantedAnyMore where it says no: then an earlier try may have
    arrived; ValueError for more rows or a double Id.
    """
    ids = [to_18(str(row[ID])) for row in rows]
    if len(rows) > MOST_ROWS or len(set(ids)) != len(ids):
        raise ValueError(f"a collection takes {MOST_ROWS} rows with different Ids")
    if not rows:
        return []
    connection.check_budget()
    records = ",".join(_record(sobject, record_id, row) for record_id, row in zip(ids, rows, strict=True))
    body = f'{{"allOrNone":false,"records":[{records}]}}'
    # The values are absolute: written twice, they are what they are.
    answers = connection.json("PATCH", "composite/sobjects", body=body, repeatable=True, going=going)
    if not isinstance(answers, list) or len(answers) != len(rows):
        raise not_readable("Salesforce answered an update with another number of rows than were sent.")
    return [_answer(record_id, answer) for record_id, answer in zip(ids, answers, strict=True)]


def _record(sobject: str, record_id: str, row: Mapping[str, object]) -> str:
    parts = [f'"attributes":{{"type":{json.dumps(sobject)}}}', f'"id":{json.dumps(record_id)}']
    parts += [f"{json.dumps(name)}:{_value(value)}" for name, value in row.items() if name != ID]
    return "{" + ",".join(parts) + "}"


def _value(value: object) -> str:
    """JSON of one value. A Decimal becomes a number with exactly its digits, which no float could promise."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return json.dumps(value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    return json.dumps(value)


def _answer(record_id: str, answer: Any) -> RowAnswer:
    """A failed row may lack its id, so the place in the list decides whose answer it is."""
    if not isinstance(answer, dict):
        raise not_readable("Salesforce answered an update with something that is no row result.")
    if answer.get("success"):
        return RowAnswer(record_id, ok=True)
    errors = answer.get("errors") or [{}]
    first = errors[0]
    code = str(first.get("statusCode") or first.get("errorCode") or "UNKNOWN")
    return RowAnswer(
        record_id, False, code, str(first.get("message") or ""), tuple(map(str, first.get("fields") or ()))
    )
