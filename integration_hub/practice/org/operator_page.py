"""The page at /practice/: what the org holds, which faults are on, switches to turn them on and off."""

from __future__ import annotations

from html import escape

from .faults import KNOWN
from .message import Response
from .org import Org

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Practice org</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>Practice org</h1>
<p>A stand-in for Salesforce on this machine. Org clock: {now} UTC. API calls today: {used} of {allowance}.</p>
<h2>Records</h2>
<table>
<thead><tr><th scope="col">Object</th><th scope="col">Live</th><th scope="col">In the recycle bin</th></tr></thead>
<tbody>{objects}</tbody>
</table>
<h2>Faults</h2>
<table>
<thead><tr>
<th scope="col">Fault</th><th scope="col">Struck</th><th scope="col">Times at most</th><th scope="col">Only for</th>
</tr></thead>
<tbody>{faults}</tbody>
</table>
<form method="post" action="/practice/faults">
<p><label for="fault">Fault</label> <select id="fault" name="fault">{choices}</select>
<label for="count">Times at most (empty: for ever)</label> <input id="count" name="count" inputmode="numeric" size="5">
<label for="path">Only addresses containing</label> <input id="path" name="path">
<button type="submit">Turn on</button></p>
</form>
<form method="post" action="/practice/clear_faults"><p><button type="submit">Turn all faults off</button></p></form>
<h2>Last calls</h2>
<table>
<thead><tr><th scope="col">Method</th><th scope="col">Address</th><th scope="col">Status</th></tr></thead>
<tbody>{calls}</tbody>
</table>
</body>
</html>
"""


def page(org: Org) -> Response:
    """The operator page; it works without scripts and carries no style."""
    text = PAGE.format(
        now=org.clock.now().strftime("%Y-%m-%d %H:%M:%S"),
        used=org.usage.used,
        allowance=org.usage.allowance,
        objects="".join(_row(name, *_counts(org, name)) for name in sorted(org.store.rows)),
        faults="".join(
            _row(each.name, each.fired, "no limit" if each.count is None else each.count, f"{each.method} {each.path}")
            for each in org.faults.switches
        )
        or '<tr><td colspan="4">None is on.</td></tr>',
        choices="".join(f"<option>{escape(name)}</option>" for name in sorted(KNOWN)),
        calls="".join(_row(call.method, call.path, call.status) for call in list(org.calls)[-20:][::-1])
        or '<tr><td colspan="3">No call yet.</td></tr>',
    )
    return Response(
        200, text, {"Content-Security-Policy": "default-src 'none'; form-action 'self'"}, "text/html; charset=UTF-8"
    )


def _counts(org: Org, name: str) -> tuple[int, int]:
    deleted = sum(bool(row.get("IsDeleted")) for row in org.store.rows[name].values())
    return len(org.store.rows[name]) - deleted, deleted


def _row(*cells: object) -> str:
    return "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>"
