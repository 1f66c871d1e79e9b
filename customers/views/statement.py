"""The statement of account as a page to print and as an Excel file."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from customers import formats
from customers.access import visible
from customers.companies import company_names
from customers.hidden import OWED
from customers.models import Customer
from customers.pages.scope import Scope, read_scope
from customers.pages.statement import Statement, build_statement, read_ask, statement_query
from customers.statement_file import write_statement
from customers.workbook import NotExported, xlsx_response
from integration_hub.config import hub
from integration_hub.freshness import SourceFreshness, freshness
from integration_hub.models import SfUser

NO_FILE = 507


@require_safe
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """Open items at a day or movements between two days, per currency."""
    scope = _scope(request, pk)
    found = _statement(request, scope)
    query = {
        "outstanding": statement_query(scope, found.ask, mode="outstanding"),
        "activity": statement_query(scope, found.ask, mode="activity"),
        "same": statement_query(scope, found.ask),
    }
    context = {"scope": scope, "statement": found, "query": query, "owner": _owner(scope)}
    return render(request, "customers/statement.html", context)


@require_safe
def statement_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same statement as an Excel file with the same lines and totals. It is meant for the customer, so that whoever
    sees the page may take it; it is noted like every export.
    """
    scope = _scope(request, pk)
    found = _statement(request, scope)
    facts = _facts(scope, found, request.user.get_username())
    try:
        response = xlsx_response(lambda file: write_statement(found, file, facts))
    except NotExported as refused:
        return HttpResponse(str(refused), status=NO_FILE, content_type="text/plain; charset=utf-8")
    question = found.ask.parameters | {"customer": str(scope.customer.pk)} | ({"group": "1"} if scope.group else {})
    if request.method == "GET":
        told = {"question": question, "as_of": found.ask.end, "lines": found.line_count, "facts": facts}
        _noted()(request.user, customers=scope.members, **told)
    name = f"statement-{scope.customer.pk}-{found.ask.end.isoformat()}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _noted() -> Callable[..., None]:
    """What notes a file that was taken: it stands in the list of exports, of the layer above."""
    noted: Callable[..., None] = import_string(settings.STATEMENT_TAKEN)
    return noted


def _scope(request: HttpRequest, pk: int) -> Scope:
    customers = visible(Customer.objects.select_related("parent"), request.user)
    scope = read_scope(get_object_or_404(customers, pk=pk), request.user, request.GET)
    if scope.hidden & OWED:
        raise Http404
    return scope


def _statement(request: HttpRequest, scope: Scope) -> Statement:
    if scope.latest is None:
        raise Http404
    ask = read_ask(request.GET, scope.latest)
    return build_statement(scope, ask, issuer=hub().company.name, read_at=_read_at(_read(scope)))


def _owner(scope: Scope) -> SfUser | None:
    """Whom the customer may ask about the statement."""
    return SfUser.objects.filter(key=scope.customer.owner).first() if scope.customer.owner else None


def _read(scope: Scope) -> tuple[SourceFreshness, ...]:
    """The ERPs whose documents can be on it: a customer of one of them does not care when another was read."""
    whose = {key.partition(":")[0] for key in scope.keys}
    erp = {source.name for source in hub().sources}
    return tuple(source for source in freshness() if source.name in (erp & whose or erp))


def _read_at(erps: Sequence[SourceFreshness]) -> datetime | None:
    """When the ERP was read: the oldest of these, None where one was never read."""
    read = [source.as_of for source in erps]
    return None if None in read else min((moment for moment in read if moment), default=None)


def _read_words(erps: Sequence[SourceFreshness]) -> str:
    """As of when the ERP is in it, and in a word whether one of these is late."""
    late = {source.word for source in erps if source.state != "green"}
    return ", ".join([formats.instant(_read_at(erps), hub().company.time_zone), *sorted(late)])


def _facts(scope: Scope, found: Statement, user: str) -> list[tuple[str, str]]:
    ask = found.ask
    period = f"{ask.start.isoformat()} to {ask.end.isoformat()}" if ask.mode == "activity" else ask.end.isoformat()
    return [
        ("Statement of account", scope.identity.name),
        ("Issued by", found.issuer),
        ("Account numbers", ", ".join(master.number or master.key for master in found.masters)),
        ("Kind", "Movements" if ask.mode == "activity" else "Open items"),
        ("Of" if ask.mode == "activity" else "As of", period),
        ("Documents of", found.issuer if ask.company else ", ".join(company_names()) or "all companies"),
        ("ERP read", _read_words(_read(scope))),
        ("Made by", user),
    ]
