"""A record with the app of a Canvas on it, as Salesforce shows it: a frame, and a signed request posted into it.

Salesforce posts when its page opens; here a button does, because these pages have no scripts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from html import escape
from typing import Any
from urllib.parse import urlsplit

from ..errors import ApiError, not_found
from ..fields import Record
from ..identifiers import to_18
from ..message import Request, Response
from ..org import Org
from .layout import POLICY, choice, hidden, page

SHOWN_ON = {"001": "Account", "006": "Opportunity"}
SHOWN_USERS = 200
SECRET, ADDRESS = "SALESFORCE_CANVAS_SECRET", "PUBLIC_URL"
APP = "/salesforce/canvas/"
OFF = f"There is no app to show: {SECRET} and {ADDRESS} are not set. make demo sets both."


def canvas_page(org: Org, request: Request, record_id: str) -> Response:
    """The app on a record, for the user that `?user=` names, or the owner. ApiError 404 when there is none."""
    key = to_18(record_id) or ""
    record = org.store.get(SHOWN_ON.get(key[:3], ""), key) if key[:3] in SHOWN_ON else None
    secret, address = os.environ.get(SECRET, ""), urlsplit(os.environ.get(ADDRESS, ""))
    if record is None:
        raise not_found()
    if not secret or not address.netloc:
        raise ApiError(404, "NOT_FOUND", OFF)
    origin, user = f"{address.scheme}://{address.netloc}", _user(org, request, record)
    said = _envelope(org, SHOWN_ON[key[:3]], key, user)
    answer = page(
        f"Customer 360 on {record.get('Name')} - Practice org", _body(org, record, user, origin, said, secret)
    )
    policy = POLICY.replace("form-action 'self'", f"form-action 'self' {origin}; frame-src {origin}")
    answer.headers["Content-Security-Policy"] = policy
    return answer


def signed(said: dict[str, Any], secret: str) -> str:
    """The signed request: signature and envelope in base64, the signature made of the encoded envelope."""
    envelope = base64.b64encode(json.dumps(said).encode())
    signature = hmac.new(secret.encode(), envelope, hashlib.sha256).digest()
    return f"{base64.b64encode(signature).decode()}.{envelope.decode()}"


def _envelope(org: Org, sobject: str, key: str, user: Record) -> dict[str, Any]:
    """As recorded ones are written, with the issuing time cut to 32 bits; without what nobody here asks for."""
    milliseconds = time.time_ns() // 1_000_000
    address = f"/services/data/v62.0/sobjects/{sobject}/{key}"
    return {
        "algorithm": "HMACSHA256",
        "issuedAt": (milliseconds + 2**31) % 2**32 - 2**31,
        "userId": user["Id"],
        "context": {
            "user": {
                "userId": user["Id"], "userName": user.get("Username"), "email": user.get("Email"),
                "fullName": user.get("Name"), "userType": "STANDARD",
            },
            "organization": {"organizationId": org.organization_id},
            "environment": {
                "displayLocation": "Layout", "parameters": {}, "version": {"season": "WINTER", "api": "62.0"},
                "record": {"attributes": {"type": sobject, "url": address}, "Id": key},
            },
        },
    }  # fmt: skip


def _body(org: Org, record: Record, user: Record, origin: str, said: dict[str, Any], secret: str) -> str:
    users = (str(row["Username"]) for row in org.store.rows["User"].values())
    names = [name for name, _ in zip(users, range(SHOWN_USERS), strict=False)]
    title, who = escape(str(record.get("Name"))), str(user["Username"])
    return (
        f'<h1>{title}</h1><p class="lead">Customer 360 on the page of this record, as {escape(who)} sees it there. '
        "A request holds once and for five minutes: send it a second time to see a replay refused.</p>"
        f'<div class="buttons"><form class="card edit" method="get" aria-label="Look as">'
        f'{choice("canvas", "user", "User", names, who)}<button type="submit">Look as this user</button></form>'
        f'<form method="post" target="app" action="{escape(origin + APP)}">'
        f"{hidden({'signed_request': signed(said, secret)})}"
        '<button type="submit">Show Customer 360</button></form></div>'
        '<iframe class="app" name="app" title="Customer 360"></iframe>'
    )


def _user(org: Org, request: Request, record: Record) -> Record:
    """Who looks. ApiError 404 for a name that nobody has."""
    name = request.query.get("user", "")
    found = org.store.with_key("User", "Username", name) if name else [org.store.get("User", str(record["OwnerId"]))]
    if not found or found[0] is None:
        raise not_found()
    return found[0]
