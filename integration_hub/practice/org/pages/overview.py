"""The page at /practice/: state of the org, what is on, records, switches, deeds and the last calls."""

from __future__ import annotations

from html import escape

from ..faults import Switch
from ..message import Request, Response
from ..org import Org
from .deeds import deeds
from .drills import Drill, Theme, themes
from .layout import button, field, page, table

LAST_CALLS = 20
INTRODUCTION = """<h1>Practice org</h1>
<p class="lead">A stand-in for Salesforce on this machine. Switch something on, then watch what Customer 360 does.</p>
"""
ABOUT_DRILLS = """<h2 id="drill-head">Fire drill</h2>
<p class="lead">Each switch breaks one thing for the calls that follow. It ends by itself after the given number of
times, or when you switch it off.</p>
"""
DONE = {
    "faults": "The switch is on.", "clear_faults": "Switched off.", "expire_sessions": "Every session has ended.",
    "refresh_org": "The org has a new organization id, and every session has ended.",
    "purge_bin": "The recycle bin is empty.", "merge": "The two records were merged.",
    "field_access": "The integration user's access to that field has changed.", "usage": "The count of calls was set.",
    "active_user": "The user was switched.", "validation_rules": "The validation rule is on.",
    "drop_validation_rule": "The validation rule is off.", "track_history": "The history tracking was changed.",
    "clock": "The clock was set.",
}  # fmt: skip


def overview(org: Org, request: Request) -> Response:
    """The whole page; `?done=` names the deed that led back here."""
    done = DONE.get(request.query.get("done", ""))
    parts = (
        f'<p class="done" role="status">{escape(done)}</p>' if done else "",
        INTRODUCTION,
        _facts(org),
        _on_now(org),
        _records(org),
        f'<section id="drill" aria-labelledby="drill-head">{ABOUT_DRILLS}',
        *[_theme(org, theme) for theme in themes()],
        "</section>",
        deeds(org),
        _calls(org),
    )
    return page("Practice org", "".join(parts))


def _facts(org: Org) -> str:
    usage = org.usage
    facts = {
        "Organization id": f'<span class="mono">{escape(org.organization_id)}</span>',
        "Org clock, UTC": org.clock.now().strftime("%Y-%m-%d %H:%M:%S"),
        "API calls today": f"{usage.used:,} of {usage.allowance:,}",
        "Open sessions": f"{len(org.sessions.tokens):,}",
    }
    tiles = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    return f'<dl class="facts card">{tiles}</dl>'


def _on_now(org: Org) -> str:
    rows = "".join(
        f'<li><span class="name">{escape(each.name)}</span><span class="muted">{escape(_told(each))}</span>'
        f"{button('clear_faults', f'Turn {each.name} off', {'fault': each.name})}</li>"
        for each in org.faults.switches
    )
    if not rows:
        return '<section class="card calm"><h2>On now</h2><p>Nothing is switched on: the org behaves.</p></section>'
    everything = button("clear_faults", "Turn all off", {}, kind="strong")
    return f'<section class="card alert"><div class="head"><h2>On now</h2>{everything}</div><ul>{rows}</ul></section>'


def _told(switch: Switch) -> str:
    most = f" of at most {switch.count:,}" if switch.count is not None else ""
    parts = [f"struck {switch.fired:,}{most}"]
    parts += [f"on {switch.probability:.0%} of the calls"] if switch.probability is not None else []
    parts += [f"only {' '.join(filter(None, (switch.method, switch.path)))}"] if switch.path or switch.method else []
    return ", ".join(parts + [f"{name} {value}" for name, value in switch.options.items()])


def _records(org: Org) -> str:
    rows = []
    for name in sorted(each.name for each in org.schema if not each.rest_only):
        stored = org.store.rows[name]
        gone = sum(bool(row.get("IsDeleted")) for row in stored.values())
        link = f'<a href="/practice/objects/{name}">{name}</a>'
        live = len(stored) - gone
        rows.append(f'<tr><th scope="row">{link}</th><td class="num">{live:,}</td><td class="num">{gone:,}</td></tr>')
    shown = table("Records by object", ("Object", "#Live", "#Deleted"), rows, "No object.")
    head = '<h2 id="records-head">Records</h2>'
    return f'<section id="records" class="card" aria-labelledby="records-head">{head}{shown}</section>'


def _theme(org: Org, theme: Theme) -> str:
    items = "".join(_drill(org, each) for each in theme.drills)
    return f'<section class="card"><h3>{escape(theme.title)}</h3><p>{escape(theme.about)}</p><ul>{items}</ul></section>'


def _drill(org: Org, drill: Drill) -> str:
    on = any(each.name == drill.fault for each in org.faults.switches)
    badge = ' <span class="badge">On</span>' if on else ""
    key = drill.fault
    small = 'inputmode="numeric" size="6"'
    options = "".join(field(key, name, label) for name, label in drill.options)
    form = (
        f'<form method="post" action="/practice/faults" aria-label="{escape(drill.breaks)}">'
        f'<input type="hidden" name="fault" value="{key}">{field(key, "count", "Times", value="1", attributes=small)}'
        f'<details><summary>More</summary><div class="more">{options}{field(key, "path", "Only addresses containing")}'
        f"{field(key, 'method', 'Only method')}{field(key, 'probability', 'Chance, 0 to 1', attributes=small)}"
        f"{field(key, 'seed', 'Seed of the chance', attributes=small)}"
        f"{field(key, 'after', 'After this many calls', attributes=small)}"
        f'</div></details><button type="submit">Turn on<span class="vh"> {key}</span></button></form>'
    )
    return (
        f'<li class="drill"><div><p class="breaks">{escape(drill.breaks)}{badge}</p>'
        f'<p class="shows">{escape(drill.shows)}</p><p class="mono muted">{key}</p></div>{form}</li>'
    )


def _calls(org: Org) -> str:
    last = list(org.calls)[-LAST_CALLS:][::-1]
    rows = [
        f'<tr><td class="mono">{escape(call.method)}</td><td class="mono wrap">{escape(call.path)}</td>'
        f'<td class="num {"bad" if call.status >= 400 else ""}">{call.status}</td></tr>'
        for call in last
    ]
    shown = table("The last calls, newest first", ("Method", "Address", "#Status"), rows, "No call yet.")
    head = '<h2 id="calls-head">Last calls</h2>'
    return f'<section id="calls" class="card" aria-labelledby="calls-head">{head}{shown}</section>'
