"""The part of the operator page that does things to the org: once, by a button."""

from __future__ import annotations

from html import escape

from ..org import Org
from ..validation import OPERATORS
from .layout import button, choice, field

SHOWN_USERS = 200
TRUTH = ("false", "true")


def deeds(org: Org) -> str:
    """Every action with one sentence on what shows in Customer 360."""
    objects = [each.name for each in org.schema if each.deletable]
    head = '<h2 id="deeds-head">Actions</h2><p class="lead">Done once, and not undone by switching off.</p>'
    cards = "".join(_of_the_org(objects) + _of_the_administrator(org, objects))
    parts = f'{head}{_rules(org)}<div class="grid">{cards}</div>'
    return f'<section id="deeds" aria-labelledby="deeds-head">{parts}</section>'


def _of_the_org(objects: list[str]) -> tuple[str, ...]:
    return (
        _deed(
            "End all sessions", "The next call signs in again; nothing else is to be seen.",
            "expire_sessions", "", "End all sessions",
        ),
        _deed(
            "Refresh the org", "The organization id changes as after a sandbox refresh: pushing stops and asks first.",
            "refresh_org", "", "Refresh the org",
        ),
        _deed(
            "Merge two records", "The loser's links move to the winner, with a line in the account's history.",
            "merge", choice("merge", "sobject", "Object", ("Account", "Contact"))
            + field("merge", "winner", "Id that stays", attributes="required")
            + field("merge", "loser", "Id that goes", attributes="required"), "Merge",
        ),
        _deed(
            "Hide or show a field", "Preflight turns red and names the field; the mirror keeps its rows.",
            "field_access", choice("access", "sobject", "Object", objects)
            + field("access", "field", "Field", attributes="required")
            + choice("access", "readable", "May be read", TRUTH)
            + choice("access", "editable", "May be written", TRUTH), "Set the access",
        ),
        _deed(
            "Empty the recycle bin", "Only the nightly comparison of ids finds what is gone.",
            "purge_bin", choice("purge", "sobject", "Object", objects), "Empty the bin",
        ),
    )  # fmt: skip


def _of_the_administrator(org: Org, objects: list[str]) -> tuple[str, ...]:
    tracked = ", ".join(org.tracked.get("Account", ()))
    return (
        _deed(
            "Switch a user off", "The owner shows as inactive; accounts can not be given to that user any more.",
            "active_user", choice("user", "username", "User", _usernames(org))
            + choice("user", "active", "Active", TRUTH), "Switch the user",
        ),
        _deed(
            "Switch features of the org", "Person accounts show their own names and are never given another.",
            "features", choice("feature", "person_accounts", "Person accounts, for good once on", TRUTH)
            + choice("feature", "owner_must_be_active", "Owners must be active to save", TRUTH)
            + choice("feature", "account_teams_off", "No account teams", TRUTH)
            + choice("feature", "quotes_off", "No quotes", TRUTH)
            + choice("feature", "orders_off", "No orders", TRUTH), "Switch features",
        ),
        _deed(
            "Let the org's clock run off", "Diagnose names the difference; overdue days and changes stay right.",
            "clock", field("clock", "offset_seconds", "Seconds ahead of the true time", value="0"), "Set the clock",
        ),
        _deed(
            "Set the calls used today", "The quota page shows the share; runs in the background pause at their limit.",
            "usage", field("usage", "used", "Calls used", value=str(org.usage.used))
            + field("usage", "max", "Calls allowed", value=str(org.usage.allowance)), "Set the count",
        ),
        _deed(
            "Add a validation rule", "Rows that break it are parked with this text; they pass once the rule is gone.",
            "validation_rules", choice("rule", "sobject", "Object", objects)
            + field("rule", "field", "Refuse when this field", attributes="required")
            + choice("rule", "operator", "is", OPERATORS) + field("rule", "value", "this value")
            + field("rule", "message", "Text", value="Please ask sales operations first."), "Add the rule",
        ),
        _deed(
            "Track the history of fields", "The drift page can then name who changed a value, and when.",
            "track_history", choice("history", "sobject", "Object", ("Account",))
            + field("history", "fields", "Fields, separated by commas", value=tracked), "Track",
        ),
    )  # fmt: skip


def _deed(title: str, shows: str, action: str, inputs: str, label: str) -> str:
    return (
        f'<form class="card deed" method="post" action="/practice/{action}" aria-label="{escape(title)}">'
        f'<h3>{escape(title)}</h3><p class="shows">{escape(shows)}</p>{inputs}'
        f'<button type="submit">{escape(label)}</button></form>'
    )


def _usernames(org: Org) -> list[str]:
    names = (str(row["Username"]) for row in org.store.rows["User"].values())
    return [name for name, _ in zip(names, range(SHOWN_USERS), strict=False)]


def _rules(org: Org) -> str:
    rows = "".join(
        f'<li><span class="name">{escape(rule.name)}</span><span class="muted">{escape(rule.message)}</span>'
        f"{button('drop_validation_rule', f'Drop {rule.name}', {'name': rule.name})}</li>"
        for rule in org.rules.by_name.values()
    )
    return f'<section class="card alert"><h3>Validation rules</h3><ul>{rows}</ul></section>' if rows else ""
