"""Template filters and tags for figures, days and icons; the writing itself is in customers.formats."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Protocol

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from customers import formats
from customers.field_values import FieldValue, configured_fields, values_of
from customers.pages.guard import Failed, guarded
from customers.pages.scope import Scope
from integration_hub.config import hub
from integration_hub.field_facts import FieldFact
from integration_hub.one_request import once
from integration_hub.words import pieces_of

register = template.Library()
SELECTED = mark_safe(" selected")
Amount = Decimal | int | None


class Choice(Protocol):
    """An option of a select."""

    @property
    def value(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def chosen(self) -> bool: ...


def _plain(text: str, currency: str) -> str:
    """Digits and a sign need no escaping, which takes longer than writing them; a code from the data might."""
    return SafeString(text) if not currency or currency.isalnum() else text


@register.filter
def money(value: Amount, currency: str = "") -> str:
    """Exact amount with cents."""
    return _plain(formats.money(value, currency), currency)


@register.filter
def money_whole(value: Amount, currency: str = "") -> str:
    """Exact amount without cents, for sentences and legends."""
    return _plain(formats.money(value, currency, places=0), currency)


@register.filter
def money_compact(value: Amount, currency: str = "") -> str:
    """Short amount for tiles; give the exact one in a title."""
    return _plain(formats.money_compact(value, currency), currency)


@register.filter
def number(value: Amount) -> str:
    """Count with thousands separators."""
    return SafeString(formats.number(value))


@register.filter
def quantity(value: Decimal | None, unit: str = "") -> str:
    """Quantity with its unit."""
    return formats.quantity(value, unit)


@register.filter
def days(value: Amount) -> str:
    """Number of days in words."""
    return SafeString(formats.days(value))


@register.filter
def percent(value: Decimal | None) -> str:
    """Share as per cent."""
    return SafeString(formats.percent(value))


@register.filter
def percent_whole(value: Decimal | None) -> str:
    """Share as whole per cent."""
    return SafeString(formats.percent(value, places=0))


@register.filter
def day(value: date | None) -> str:
    """Day with its year."""
    return SafeString(formats.day(value))


@register.filter
def day_short(value: date | None, as_of: date | None = None) -> str:
    """Day without the year of `as_of`."""
    return SafeString(formats.day_short(value, as_of))


@register.filter
def month(value: date | None) -> str:
    """Month with its year."""
    return SafeString(formats.month(value))


@register.filter
def month_name(value: date) -> str:
    """Month without its year: September."""
    return SafeString(f"{value:%B}")


@register.filter
def month_short(value: date) -> str:
    """Month in three letters: Sep."""
    return SafeString(f"{value:%b}")


@register.filter
def month_letter(value: date) -> str:
    """First letter of a month, for the axis of a small chart."""
    return SafeString(f"{value:%b}"[:1])


@register.filter
def iso(value: date | None) -> str:
    """Day as machines read it; empty for none."""
    return SafeString(value.isoformat()) if value else ""


@register.filter
def instant(value: datetime | None) -> str:
    """Instant at the company's wall clock."""
    return formats.instant(value, hub().company.time_zone)


@register.filter
def clock(value: datetime | None) -> str:
    """Time of day at the company's wall clock, with the day unless it is today."""
    return formats.clock(value, timezone.now(), hub().company.time_zone)


@register.filter
def initials(name: str) -> str:
    """Two letters for an avatar."""
    return formats.initials(name)


@register.filter
def counted(count: int, nouns: str) -> str:
    """Count with its noun: `3|counted:"order"`, `2|counted:"delivery,deliveries"`."""
    singular, _, plural_form = nouns.partition(",")
    return formats.plural(count, singular, plural_form)


@register.filter
def cut_stop(text: str) -> str:
    """A sentence without its full stop, to stand in a list."""
    return text.rstrip(". ")


@register.filter
def currency_sign(currency: str) -> str:
    """Sign of a currency for column heads: €, or its code."""
    return formats.symbol(currency).strip("\u00a0")


@register.filter
def marked(value: str, text: str) -> SafeString:
    """The value with the beginnings of words that a search looked for in <mark>; everything else is escaped."""
    pieces = pieces_of(value, text)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", piece) if meant else piece,) for piece, meant in pieces)
    )


@register.filter
def options(choices: Iterable[Choice]) -> SafeString:
    """The options of a select; joined here, as a list of a thousand owners takes a template's loop too long."""
    return mark_safe(  # noqa: S308 - escaped piece by piece, which takes a third of the time of format_html_join
        "".join(
            f'<option value="{escape(one.value)}"{SELECTED if one.chosen else ""}>{escape(one.label)}</option>'
            for one in choices
        )
    )


@register.simple_tag
def icon(name: str, *, css: str = "i") -> SafeString:
    """An icon of static/icons.svg, hidden from screen readers: the text beside it speaks."""
    return _icon(name, css, once("icons", lambda: static("icons.svg")))


@lru_cache(maxsize=512)
def _icon(name: str, css: str, address: str) -> SafeString:
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, address, name)


@register.simple_tag(takes_context=True)
def card(context: template.Context, template_name: str, value: object, title: str) -> str:
    """A card of the page, `value` as `card` in its template; says so in its place when it cannot be shown.

    None stands for a card that this reader does not see.
    """
    if value is None:
        return ""
    if context.template is None:
        raise ValueError("A card is shown within a page.")
    engine = context.template.engine

    def rendered() -> str:
        with context.push(card=value):
            return engine.get_template(template_name).render(context)

    made = value if isinstance(value, Failed) else guarded(title, rendered)
    if not isinstance(made, Failed):
        return mark_safe(made)  # noqa: S308 - a rendered template, escaped there
    with context.push(failed=made):
        return mark_safe(engine.get_template("components/failed.html").render(context))  # noqa: S308


@register.simple_tag
def in_scope(scope: Scope, name: str, *args: object) -> str:
    """The URL of a page of the customer, of the same group and day."""
    return scope.url(name, *args)


@register.simple_tag
def mirrored_fields(sobject: str) -> tuple[FieldFact, ...]:
    """The further fields of an object that hub.toml mirrors; asked once, for `field_values`."""
    return configured_fields(sobject)


@register.filter
def field_values(record: Mapping[str, str | None], facts: tuple[FieldFact, ...]) -> tuple[FieldValue, ...]:
    """The values of a record's custom_fields, where there are any."""
    return values_of(record, facts)


@register.simple_tag
def reporting_currency() -> str:
    """ISO code of the reporting currency."""
    return hub().company.reporting_currency


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: object) -> str:
    """This page's query string with some parameters set, or taken out where the value is empty; paging starts anew."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name in ("after", "before", "page"):
        query.pop(name, None)
    for name, value in changes.items():
        if value in {None, ""}:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else request.path
