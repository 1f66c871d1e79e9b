"""What the frame of every page shows: navigation, saved views with counts, freshness, who is signed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest
from django.urls import reverse

from customers import formats
from customers.access import current_day, hidden_columns, lent_books, role
from customers.books import Lent
from customers.calendar import is_behind
from customers.companies import company_names
from customers.differences.shown import count_mine
from customers.hidden import HANDED_OVER
from customers.pages.saved_views import MOST_SHOWN, own_url, own_views
from customers.standard_views import IN_SIDEBAR
from customers.totals import OPEN_LINKS, visible_counts
from integration_hub.config import ConfigurationError, hub, kept_because
from integration_hub.freshness import SourceFreshness, freshness

ROLE_LABELS = {"account_manager": "Account manager", "analyst": "Analyst", "administrator": "Administrator"}
# What stands at the right of a link, by its name in the stored counts.
COUNTED = {"customers:list": "", "customers:links": OPEN_LINKS}
# What a link opens where its number is of a part: a number opens just what it counts.
NARROWED = {"customers:differences": "?who=me"}
STATES = ("green", "amber", "red")


@dataclass(frozen=True)
class NavItem:
    """One link of the navigation; `key` is the letter that opens it after "g", `count` what stands at its right."""

    label: str
    url: str
    icon: str
    key: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class SourceMark:
    """When one source was read, as a state with words that say the same."""

    label: str
    as_of: datetime | None
    state: str
    sentence: str


@dataclass(frozen=True)
class FreshnessMark:
    """The worst state of all sources, its headline, and each source."""

    state: str
    headline: str
    sources: tuple[SourceMark, ...]


@dataclass(frozen=True)
class Frame:
    """Everything around a page's content. `companies` are those whose documents count, empty where all do;
    `recomputing` says that there are no figures until all are recomputed.
    """

    nav: tuple[NavItem, ...]
    views: tuple[NavItem, ...]
    freshness: FreshnessMark
    name: str
    role: str
    role_label: str
    lent: tuple[Lent, ...]
    kept_because: ConfigurationError | None = None
    recomputing: bool = False
    currency: str = ""
    companies: tuple[str, ...] = ()


def page_frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame` for signed-in full pages; nothing for visitors and partial updates."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    his_role, as_of = role(user), current_day()
    counts = visible_counts(user, as_of) if as_of else {}
    return {
        "frame": Frame(
            nav=_nav(request, his_role, counts if as_of else None),
            views=_views(request, as_of, counts) if as_of else (),
            freshness=freshness_mark(freshness()),
            name=user.get_full_name() or user.get_username(),
            role=his_role,
            role_label=ROLE_LABELS[his_role],
            lent=lent_books(user),
            currency=hub().company.reporting_currency,
            companies=company_names(),
            recomputing=as_of is None and is_behind(),
            kept_because=kept_because() if his_role == "administrator" else None,
        )
    }


AMBER = {"with gaps": "with gaps", "last read failed": "not read the last time"}
"""What is said of amber sources by their word; of all others that they are LATE."""
LATE = "running late"


def freshness_mark(sources: tuple[SourceFreshness, ...]) -> FreshnessMark:
    """The states of the sources as one mark."""
    marks = tuple(SourceMark(source.label, source.as_of, source.state, _sentence(source)) for source in sources)
    state = max((mark.state for mark in marks), key=STATES.index, default="red")
    late = [mark.label for mark in marks if mark.state == state]
    amber: dict[str, list[str]] = {}
    for source in sources:
        if source.state == "amber":
            amber.setdefault(AMBER.get(source.word, LATE), []).append(source.label)
    headlines = {
        "green": "All sources current",
        "amber": ", ".join(f"{', '.join(labels)} {how}" for how, labels in amber.items()),
        "red": f"{', '.join(late) or 'No source'} not current",
    }
    return FreshnessMark(state, headlines[state], marks)


def _sentence(source: SourceFreshness) -> str:
    if source.as_of is None:
        return source.problem or "never read"
    read = f"read {formats.instant(source.as_of, hub().company.time_zone)}"
    if source.state == "green":
        return f"{read}, current"
    if source.gaps:
        return f"{read}, with gaps. {source.problem}"
    return f"{read}, {source.word}. {source.problem}".strip()


def _nav(request: HttpRequest, his_role: str, counts: Mapping[str, int] | None) -> tuple[NavItem, ...]:
    entries = [
        ("Home", "customers:home", "house", "h"),
        ("Customers", "customers:list", "users", "c"),
        ("Segments", "segments:index", "layers", "s"),
        ("Reports", "reports:index", "chart-column", "e"),
    ]
    if not HANDED_OVER & hidden_columns(request.user):
        entries.insert(3, ("Won to cash", "customers:handover", "credit-card", "w"))
    if hub().masters.compared:
        entries.append(("Differences", "customers:differences", "copy", "d"))
    if his_role in {"analyst", "administrator"}:
        entries.append(("Links", "customers:links", "link", "l"))
        entries.append(("Reconciliation", "reconciliation", "circle-check", "o"))
    if his_role == "administrator":
        entries += [("Runs", "runs", "refresh-cw", "r"), ("Pushes", "plans", "upload", "p")]
        entries += [("ERP sources", "sources", "database", "b"), ("Salesforce", "salesforce", "cloud", "f")]
    urls = [reverse(name) for _label, name, _icon, _key in entries]
    here = max((url for url in urls if _lies_under(request.path, url)), key=len, default="")
    items = []
    for url, (label, name, icon, key) in zip(urls, entries, strict=True):
        current = url == here and "view" not in request.GET and "saved" not in request.GET
        count = _count(request, name, counts)
        items.append(NavItem(label, url + NARROWED.get(name, ""), icon, key, current, count))
    return tuple(items)


def _count(request: HttpRequest, name: str, counts: Mapping[str, int] | None) -> int | None:
    """What stands at the right of a link: all customers, and the differences that are the reader's to correct."""
    if name == "customers:differences":
        return count_mine(request.user)
    return None if counts is None or name not in COUNTED else counts.get(COUNTED[name], 0)


def _lies_under(path: str, url: str) -> bool:
    """Whether a page belongs to a link of the navigation; what is about the book belongs to Home."""
    return path == url or path.startswith(f"{url}book/") if url == "/" else path.startswith(url)


def _views(request: HttpRequest, as_of: date, counts: Mapping[str, int]) -> tuple[NavItem, ...]:
    """The standard views, then the user's own and those shared with everybody."""
    url = reverse("customers:list")
    chosen = request.GET if request.path == url else {}
    hidden = hidden_columns(request.user)
    standard = tuple(
        NavItem(
            view.label,
            f"{url}?view={view.name}",
            "",
            "",
            chosen.get("view") == view.name and "saved" not in chosen,
            counts.get(view.name, 0),
        )
        for view in IN_SIDEBAR
        if view.may_show(hidden)
    )
    own = own_views(request.user, as_of)[:MOST_SHOWN]
    return standard + tuple(
        NavItem(view.label, own_url(view), "", "", chosen.get("saved") == str(view.pk), view.count) for view in own
    )
