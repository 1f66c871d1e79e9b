"""The open points that need a write: one field of one test account, changed and put back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from integration_hub.salesforce.describe import NUMBER_TYPES, FieldInfo
from integration_hub.salesforce.errors import SalesforceProblem
from integration_hub.salesforce.ids import to_18
from integration_hub.salesforce.probe import Probe, result_files, wait_for_job
from integration_hub.salesforce.soql import quoted, select
from integration_hub.sources import SourceProblem

TRIES_TO_RESTORE = 3
TEXTS = frozenset({"string", "textarea"})
NOBODY = "001000000000000AAA"
Value = str | Decimal | int | bool | None


class NotPutBack(SalesforceProblem):
    """The test field does not hold its old value again."""


@dataclass(frozen=True)
class Target:
    """The field that is changed, and what it held before."""

    account: str
    field: FieldInfo
    before: Value


def choose(probe: Probe, account: str, name: str) -> Target:
    """Look at account and field. Raises SalesforceProblem when they are not fit to be changed; nothing is written."""
    try:
        key = to_18(account)
    except ValueError as error:
        raise _unfit(str(error)) from error
    info = probe.asker.describe("Account").find(name)
    if info is None:
        raise _unfit(f"Account has no field {name}, or the user may not see it.")
    if not info.updateable or info.calculated or info.type not in NUMBER_TYPES | TEXTS:
        raise _unfit(f"The field {name} ({info.type}) is no number or text that the user may edit.")
    return Target(key, info, _read(probe, key, info.name))


@contextmanager
def putting_back(probe: Probe, target: Target) -> Iterator[None]:
    """Whatever happens within, the old value stands there afterwards. Raises NotPutBack when it does not."""
    try:
        yield
    finally:
        _put_back(probe, target)


def write_points(probe: Probe, target: Target) -> None:
    """Every open point that needs a write; call within putting_back."""
    steps: tuple[tuple[int, Callable[[Probe, Target], None]], ...] = (
        (4, _second_upload),
        (1, _ingest),
        (2, _line_breaks),
        (6, _same_id_twice),
        (7, _excess_digits),
        (3, _stamp_of_a_write),
    )
    for point, step in steps:
        probe.attempt(point, lambda each, step=step: step(each, target))  # type: ignore[misc]


def _second_upload(probe: Probe, target: Target) -> None:
    """A job that gets two files and is aborted before it begins, so that it changes nothing."""
    path = _new_job(probe, 4)
    body = _csv(target, _plain(target.before))
    probe.step(4, "first upload", "PUT", f"{path}/batches", csv=body)
    probe.step(4, "second upload", "PUT", f"{path}/batches", csv=body)
    probe.step(4, "abort", "PATCH", path, body={"state": "Aborted"})


def _ingest(probe: Probe, target: Target) -> None:
    """One row that is accepted (its own value) and one of an account that does not exist."""
    body = _csv(target, _plain(target.before)) + f'{NOBODY},"{_plain(target.before)}"\n'.encode()
    path = _upload(probe, 1, body)
    result_files(probe, path.rpartition("/")[2])


def _line_breaks(probe: Probe, target: Target) -> None:
    if target.field.type not in TEXTS:
        probe.note(2, "the chosen field is no text: line breaks were not tried")
        return
    _upload(probe, 2, _csv(target, "a\nb"))
    arrived = _read(probe, target.account, target.field.name) == "a\nb"
    probe.note(2, f"a value with a line break arrived as sent: {arrived}")


def _same_id_twice(probe: Probe, target: Target) -> None:
    row = {"attributes": {"type": "Account"}, "id": target.account, target.field.name: target.before}
    order = {"allOrNone": False, "records": [row, row]}
    probe.step(6, "the same id twice", "PATCH", "composite/sobjects", body=order)


def _excess_digits(probe: Probe, target: Target) -> None:
    if target.field.type not in NUMBER_TYPES:
        probe.note(7, "the chosen field is no number: rounding was not tried")
        return
    scale = target.field.scale
    for tail in ("4", "5", "49", "51"):
        sent = Decimal(f"1.{'0' * scale}{tail}")
        _patch(probe, 7, target, sent)
        kept = _read(probe, target.account, target.field.name)
        probe.note(7, f"{target.field.type} of scale {scale}: {sent} sent, {kept} kept")


def _stamp_of_a_write(probe: Probe, target: Target) -> None:
    """Whether a write is found by its stamp at once."""
    soql = select(["Id", "SystemModstamp"], "Account", f"Id = {quoted(target.account)}")
    before = probe.asker.rows(soql)[0]["SystemModstamp"]
    _patch(probe, 3, target, "probe" if target.field.type in TEXTS else 2)
    after = probe.asker.rows(soql)[0]["SystemModstamp"]
    found = probe.asker.rows(select(["Id"], "Account", f"Id = {quoted(target.account)} AND SystemModstamp >= {after}"))
    probe.note(3, f"the write moved the stamp: {after > before}; it is found by it at once: {bool(found)}")


def _patch(probe: Probe, point: int, target: Target, value: Value) -> None:
    path = f"sobjects/Account/{target.account}"
    probe.step(point, "update", "PATCH", path, body={target.field.name: value})


def _upload(probe: Probe, point: int, body: bytes) -> str:
    """A job with one file, waited for; its path."""
    path = _new_job(probe, point)
    probe.step(point, "upload", "PUT", f"{path}/batches", csv=body)
    probe.step(point, "close", "PATCH", path, body={"state": "UploadComplete"})
    wait_for_job(probe, point, path)
    return path


def _new_job(probe: Probe, point: int) -> str:
    order = {"object": "Account", "operation": "update", "contentType": "CSV", "lineEnding": "LF"}
    made = probe.step(point, "ingest job", "POST", "jobs/ingest", body=order)
    return f"jobs/ingest/{made.body['id']}"


def _csv(target: Target, value: str) -> bytes:
    text = value.replace('"', '""')
    return f'Id,{target.field.name}\n{target.account},"{text}"\n'.encode()


def _plain(value: Value) -> str:
    return "#N/A" if value is None else str(value)


def _read(probe: Probe, account: str, name: str) -> Value:
    rows = probe.asker.rows(select(["Id", name], "Account", f"Id = {quoted(account)}"))
    if not rows:
        raise _unfit("There is no account with that id, or the user may not see it.")
    value: Value = rows[0][name]
    return value


def _put_back(probe: Probe, target: Target) -> None:
    failure = ""
    for _ in range(TRIES_TO_RESTORE):
        try:
            if _read(probe, target.account, target.field.name) == target.before:
                return
            body = {target.field.name: target.before}
            answer = probe.asker.ask("PATCH", f"sobjects/Account/{target.account}", body=body)
            failure = f"status {answer.status} {answer.code}" if answer.status >= 300 else ""
        except SourceProblem as problem:
            failure = problem.problem
    try:
        restored = _read(probe, target.account, target.field.name) == target.before
    except SourceProblem:
        restored = False
    if not restored:
        raise NotPutBack(
            f"{target.field.name} of account {target.account} could not be put back. {failure}".strip(),
            "The test account keeps a value of the probe.",
            f"Set the field to {json.dumps(_plain(target.before))} by hand.",
        )


def _unfit(text: str) -> SalesforceProblem:
    return SalesforceProblem(
        text, "Nothing was written.", "Name a test account and one of its fields: --account, --field."
    )
