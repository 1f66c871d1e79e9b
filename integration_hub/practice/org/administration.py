"""The /practice/ addresses: seeding, clock, field access, faults and looking inside, without a token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from .drill_actions import DRILLS, Action, Spec, is_true, sobject_of
from .errors import ApiError, RowError
from .fields import ObjectType
from .founding import add_user
from .keeping import reset
from .lifecycle import delete, hard_delete, merge, undelete
from .message import Request, Response, refusal
from .org import DEFAULT_USERNAME, Org
from .pages.routes import operator_page, refused_page
from .schema import SchemaError, custom_field
from .seeding import seed
from .sessions import ClientApp
from .values import for_json

ADMIN = "/practice"


def administer(org: Org, request: Request) -> Response:
    """Answer an administration request; refusals look like those of the API and change nothing."""
    try:
        _check_same_site(request)
        return _answer(org, request)
    except ApiError as error:
        refused = error
    except RowError as error:
        refused = error.as_request_error()
    except (SchemaError, LookupError, AttributeError, TypeError, ValueError) as error:
        refused = ApiError(400, "INVALID_INPUT", f"{type(error).__name__}: {error}")
    org.store.roll_back(0)
    return refused_page(refused) if _from_page(request) else refusal(refused)


def _answer(org: Org, request: Request) -> Response:
    key = (request.method, request.path.removeprefix(ADMIN).removeprefix("/"))
    shown = operator_page(org, request, key[1]) if request.method == "GET" else None
    if shown is not None:
        return shown
    if key == ("GET", "records"):
        return Response(200, _stored(org, sobject_of(org, {"sobject": request.query.get("sobject")})))
    if key not in ACTIONS:
        raise ApiError(404, "NOT_FOUND", f"There is no {request.method} {request.path}")
    result = ACTIONS[key](org, _spec(request))
    if _from_page(request):
        return Response(303, "", {"Location": _next(request, key[1])})
    return Response(200, {} if result is None else result)


def _from_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _next(request: Request, action: str) -> str:
    """Where the browser goes after a deed: to the page it names, of this server alone, or to the overview."""
    wanted = request.form.get("next", "")
    return wanted if wanted.startswith(f"{ADMIN}/objects/") else f"{ADMIN}/?done={action}"


def _check_same_site(request: Request) -> None:
    """A page of another site must not switch things here through the visitor's browser."""
    origin = request.headers.get("origin")
    if origin not in (None, "null", request.base_url()) or request.host.rpartition(":")[0] not in {
        "127.0.0.1",
        "localhost",
    }:
        raise ApiError(403, "FORBIDDEN", "Administration is for programs and pages of this machine only")


def _spec(request: Request) -> Spec:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {name: value for name, value in request.form.items() if name != "next"}
    return request.json


def _stored(org: Org, sobject: ObjectType) -> list[Spec]:
    return [
        {field.name: for_json(field, row.get(field.name)) for field in sobject if field.name in row}
        for row in org.store.rows[sobject.name].values()
    ]


def _reset(org: Org, _: Spec) -> None:
    reset(org)
    org.calls.clear()


def _fields(org: Org, spec: Spec) -> None:
    org.add_fields(sobject_of(org, spec), [custom_field(each) for each in spec["fields"]])


def _records(org: Org, spec: Spec) -> Spec:
    return {"ids": seed(org, sobject_of(org, spec), spec["records"])}


def _merge(org: Org, spec: Spec) -> None:
    merge(org, org.default_caller(), sobject_of(org, spec), spec["winner"], spec["loser"])


def _each_id(move: Callable[[Org, ObjectType, str], str]) -> Action:
    def act(org: Org, spec: Spec) -> Spec:
        return {"ids": [move(org, sobject_of(org, spec), each) for each in _ids(spec)]}

    return act


def _ids(spec: Spec) -> list[str]:
    given = spec["ids"]
    return given.replace(",", " ").split() if isinstance(given, str) else [str(each) for each in given]


def _clock(org: Org, spec: Spec) -> Spec:
    org.clock.set(now=spec.get("now"), offset_seconds=spec.get("offset_seconds"))
    org.save("clock")
    return {"now": org.clock.now().isoformat()}


def _field_access(org: Org, spec: Spec) -> None:
    sobject = sobject_of(org, spec)
    if not sobject.has(spec["field"]):
        raise ApiError(400, "INVALID_FIELD", f"{sobject.name} has no field {spec['field']!r}")
    rights = (is_true(spec.get("readable", True)), is_true(spec.get("editable", True)))
    org.access.set(add_user(org, str(spec.get("user") or DEFAULT_USERNAME)), sobject.name, spec["field"], rights)
    org.save("access")


def _set_fault(org: Org, spec: Spec) -> Spec:
    return {"fault": org.faults.set(spec).name}


def _clear_faults(org: Org, spec: Spec) -> None:
    org.faults.clear(str(spec.get("fault", "")))


def _users_app(org: Org, spec: Spec) -> None:
    names = ("client_id", "client_secret", "username", "public_key")
    app = ClientApp(**{name: str(spec.get(name) or "") for name in names})
    if app.username:
        add_user(org, app.username)
    org.register_app(app)


def _refresh_token(org: Org, spec: Spec) -> Spec:
    client_id, user_id = str(spec["client_id"]), add_user(org, str(spec.get("username") or DEFAULT_USERNAME))
    org.save("sessions")
    return {"refresh_token": org.sessions.new_refresh_token(client_id, user_id)}


def _settings(org: Org, spec: Spec) -> Spec:
    org.settings = replace(org.settings, **{name: max(1, int(value)) for name, value in spec.items()})
    org.save("settings")
    return asdict(org.settings)


def _usage(org: Org, spec: Spec) -> None:
    org.usage.change(spec)
    org.save("usage")


def _features(org: Org, spec: Spec) -> None:
    for name, on in spec.items():
        if name not in {"currencies", "rates"}:
            org.switch_feature(name, on=is_true(on))
    if "currencies" not in spec:
        return
    currencies = [str(each) for each in spec["currencies"]]
    rates = spec.get("rates", {})
    rows = [
        {"IsoCode": each, "ConversionRate": rates.get(each, 1), "DecimalPlaces": 2, "IsCorporate": place == 0}
        for place, each in enumerate(currencies)
    ]
    org.enable_currencies(currencies)
    seed(org, org.schema.objects["currencytype"], rows)


def _calls(org: Org, _: Spec) -> list[Spec]:
    return [asdict(call) for call in list(org.calls)]


def _clear_calls(org: Org, _: Spec) -> None:
    org.calls.clear()


def _expire(org: Org, _: Spec) -> None:
    org.sessions.tokens.clear()
    org.save("sessions")


ACTIONS: dict[tuple[str, str], Action] = {
    **DRILLS,
    ("POST", "reset"): _reset,
    ("POST", "fields"): _fields,
    ("POST", "records"): _records,
    ("POST", "merge"): _merge,
    ("POST", "delete"): _each_id(lambda org, sobject, each: delete(org, org.default_caller(), sobject, each)),
    ("POST", "undelete"): _each_id(lambda org, sobject, each: undelete(org, org.default_caller(), sobject, each)),
    ("POST", "hard_delete"): _each_id(hard_delete),
    ("POST", "clock"): _clock,
    ("POST", "field_access"): _field_access,
    ("POST", "faults"): _set_fault,
    ("GET", "faults"): lambda org, _: org.faults.dump(),
    ("DELETE", "faults"): _clear_faults,
    ("POST", "clear_faults"): _clear_faults,
    ("POST", "users_app"): _users_app,
    ("POST", "refresh_token"): _refresh_token,
    ("POST", "settings"): _settings,
    ("POST", "usage"): _usage,
    ("POST", "features"): _features,
    ("POST", "expire_sessions"): _expire,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _clear_calls,
}
