"""Odoo's two ways to ask over HTTP: JSON-2 (from version 19) and JSON-RPC (before it). A key signs in to both.

Only what METHODS names can leave: JSON-2 carries the method in its path, JSON-RPC in its body, and both are looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from integration_hub.config import SourceConfig
from integration_hub.erp import http
from integration_hub.erp.http import Allowed, ReadOnlySession
from integration_hub.erp.http_errors import KEPT
from integration_hub.erp.odoo.errors import odd_answer, of_error, sign_in_refused
from integration_hub.sources import SourceProblem

METHODS = frozenset(
    {
        "search_read",
        "search",
        "search_count",
        "fields_get",
        "read_group",
        "formatted_read_group",
        "context_get",
        "has_access",
        "check_access_rights",
    }
)
"""What may be asked of a model. None of them writes; the last two answer whether the user might."""
PAGES = re.compile(r"/(?:web|odoo)(?:/.*)?$")
"""Where an address that was copied from a browser goes on behind Odoo's own."""
SIGN_IN = frozenset({"common.version", "common.authenticate"})
JSON2_FROM = 19
ERRORS = frozenset({400, 401, 403, 404, 405, 409, 415, 422, 500})
"""Statuses whose body is Odoo's own error, to be read here."""


def remote_method(body: Any) -> str:
    """The method that a JSON-RPC body would run: the model's for execute_kw, else "<service>.<method>"."""
    params = body["params"]
    if (params["service"], params["method"]) == ("object", "execute_kw"):
        return str(params["args"][4])
    return f"{params['service']}.{params['method']}"


def at_its_root(source: SourceConfig) -> SourceConfig:
    """The source with Odoo's own address, where a page of it was given: https://x/odoo/sales?debug=1 is https://x."""
    parts = urlsplit(source.url)
    return replace(source, url=urlunsplit((parts.scheme, parts.netloc, PAGES.sub("", parts.path), "", "")))


def allowed(source: SourceConfig) -> tuple[Allowed, ...]:
    """The whole list of what may leave for this Odoo."""
    base = re.escape(urlsplit(source.url).path.rstrip("/"))
    return (
        Allowed("GET", f"{base}/web/version"),
        Allowed("POST", f"{base}/json/2/[a-z][a-z0-9_.]*/(?:{'|'.join(sorted(METHODS))})"),
        Allowed("POST", f"{base}/jsonrpc", METHODS | SIGN_IN, remote_method),
    )


@dataclass
class Odoo:
    """One Odoo: knows its version, signs in when first asked, and calls a model's method with named arguments.

    Numbers in answers are the text they were, empty fields are False.
    """

    source: SourceConfig
    session: ReadOnlySession = field(init=False)
    version: str = ""
    uid: int = 0
    _number: int = 0

    def __post_init__(self) -> None:
        self.session = ReadOnlySession(self.source, allowed(self.source), self._headers, pauses=http.PAUSES)

    @property
    def major(self) -> int:
        """15 to 19, or newer; asked for once."""
        if not self.version:
            self.version = self._ask_version()
        found = re.search(r"\d+", self.version)
        return int(found[0]) if found else 0

    @property
    def json2(self) -> bool:
        """Whether JSON-2 is spoken."""
        return self.major >= JSON2_FROM

    def call(self, model: str, method: str, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        """The answer of a model's method. Raises SourceProblem in Odoo's place, SourceRefused for other methods."""
        named = {**arguments, "context": dict(context)}
        if self.json2:
            answer = self.session.post(f"/json/2/{model}/{method}", named, accept=ERRORS)
            if answer.status >= 400:
                raise of_error(self.source, (model, method), answer.status, answer.body)
            return answer.body
        # A method of records, not of the model, wants their ids first: none.
        ids: list[list[int]] = [[]] if method == "has_access" else []
        call = [self.source.database, self._signed_in(), self.source.api_key, model, method, ids, named]
        return self._rpc("object", "execute_kw", call, (model, method))

    def close(self) -> None:
        """End the session."""
        self.session.close()

    def _headers(self) -> Mapping[str, str]:
        named = {"X-Odoo-Database": self.source.database} if self.source.database else {}
        # Before the version is known the key has no business anywhere.
        known = self.version and self.json2
        return {**named, "Authorization": f"bearer {self.source.api_key}"} if known else named

    def _ask_version(self) -> str:
        """Version text such as "19.0" or "saas~18.3". Both ways work without a sign-in; before 19 the page is not
        there, and from 22 on JSON-RPC is not.
        """
        try:
            answer = self.session.get("/web/version", accept=ERRORS)
        except SourceProblem as problem:
            if problem.transient:
                raise
            answer = None  # older versions may send us on to their sign-in page
        if answer is not None and answer.status == 200 and isinstance(answer.body, dict):
            version = answer.body.get("version")
        else:
            told = self._rpc("common", "version", [], ("common", "version"))
            version = told.get("server_version") if isinstance(told, dict) else None
        if not isinstance(version, str) or not re.search(r"\d", version):
            raise odd_answer(self.source, "its version", "no version in it")
        return version

    def _signed_in(self) -> int:
        if not self.uid:
            self._check_settings()
            wanted = [self.source.database, self.source.username, self.source.api_key, {}]
            uid = self._rpc("common", "authenticate", wanted, ("res.users", "authenticate"))
            if not isinstance(uid, str) or not uid.isdigit():
                raise sign_in_refused(self.source)
            self.uid = int(uid)
        return self.uid

    def _check_settings(self) -> None:
        if not self.source.username:
            raise SourceProblem(
                f"{self.source.label} is Odoo {self.version}, which asks for a name to sign in.",
                f"Only from Odoo {JSON2_FROM} on is the key enough. {KEPT}",
                "Add the reading user's login as username to the source in hub.toml.",
            )

    def _rpc(self, service: str, method: str, arguments: list[Any], asked: tuple[str, str]) -> Any:
        self._number += 1
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": self._number,
            "params": {"service": service, "method": method, "args": arguments},
        }
        answer = self.session.post("/jsonrpc", body, accept=ERRORS)
        told = answer.body
        if answer.status >= 400:
            raise of_error(self.source, asked, answer.status, None)
        if not isinstance(told, dict):
            raise odd_answer(self.source, asked[0], "it is no JSON-RPC")
        if isinstance(told.get("error"), dict):
            raise of_error(self.source, asked, 200, told["error"].get("data") or told["error"])
        if str(told.get("id")) != str(self._number) or "result" not in told:
            raise odd_answer(self.source, asked[0], "it answers another question")
        return told["result"]
