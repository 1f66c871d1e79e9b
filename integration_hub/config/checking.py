"""Checks what types cannot say: names, references between parts, time zone, currency, tables and columns."""

import codecs
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import models

from integration_hub.config.checking_alerts import check_alerts
from integration_hub.config.checking_canvas import check_canvas
from integration_hub.config.checking_handover import check_handover
from integration_hub.config.checking_masters import check_masters
from integration_hub.config.checking_numbers import check_numbers
from integration_hub.config.checking_schedules import check_schedules
from integration_hub.config.checking_sources import check_reach, check_stream_reads
from integration_hub.config.problems import ConfigurationError
from integration_hub.config.shape import (
    Hub,
    PushConfig,
    SalesforceConfig,
    SourceConfig,
    StreamConfig,
)

# Bookkeeping, and columns that are computed when a run publishes.
KEPT_BY_THE_HUB = {
    *("source", "synced_at", "deleted_at", "gone_reason", "run", "fingerprint"),
    *("reporting_rate", "reporting_amount", "revenue_on", "revenue_amount"),
    *("fully_delivered_on", "fully_invoiced_on", "settled_on"),
}
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Of a person account the name cannot even be written: it is made of the contact's.
# What an account is, or belongs to the people who keep it.
NEVER_PUSHED = {
    *("id", "name", "firstname", "lastname", "ownerid", "parentid"),
    *("isdeleted", "masterrecordid", "recordtypeid", "currencyisocode"),
}
Keys = tuple[str | int, ...]
Where = Callable[[Keys], str]


def check(hub: Hub, where: Where) -> None:
    """Raise ConfigurationError at the first part of the configuration that cannot work."""
    _check_company(hub, where)
    check_numbers(hub, where)
    names: set[str] = set()
    for number, source in enumerate(hub.sources):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", source.name) or source.name == "salesforce":
            raise ConfigurationError(
                where(("sources", number, "name")),
                f'"{source.name}" cannot name a source.',
                "Use lower-case letters, digits and underscores; it prefixes every key.",
            )
        if source.name in names:
            raise ConfigurationError(
                where(("sources", number, "name")),
                f'Two sources are named "{source.name}".',
                "Rename one.",
            )
        names.add(source.name)
        _check_source(source, number, where)
    if hub.salesforce is not None:
        _check_budget(hub.salesforce, where)
        _check_further_fields(hub.salesforce, where)
        check_canvas(hub.salesforce.canvas, where)
    _check_push(hub.push, where)
    check_masters(hub, where)
    _check_stages(hub, where)
    check_handover(hub, where)
    check_schedules(hub, where)
    check_alerts(hub.alerts, where)


def _check_budget(salesforce: SalesforceConfig, where: Where) -> None:
    """Without any request nothing would ever be read."""
    for name in ("daily_request_share", "run_request_share"):
        if getattr(salesforce, name) == 0:
            raise ConfigurationError(where(("salesforce", name)), "0 leaves no request.", "Use 0.8 for 80%.")


def _check_further_fields(salesforce: SalesforceConfig, where: Where) -> None:
    """Salesforce compares names without letter case, and refuses a field that is asked for twice."""
    for key in ("account_fields", "contact_fields", "opportunity_fields", "quote_fields", "order_fields"):
        names = [name.lower() for name in getattr(salesforce, key)]
        twice = next((name for name in getattr(salesforce, key) if names.count(name.lower()) > 1), None)
        if twice is not None:
            raise ConfigurationError(
                where(("salesforce", key)), f'"{twice}" stands there twice.', "Remove one of them."
            )
    for key in ("vat_field", "registration_field"):
        name = getattr(salesforce, key)
        if name and not FIELD_NAME.fullmatch(name):
            raise ConfigurationError(
                where(("salesforce", key)), f'"{name}" is not the API name of a field.', 'Use one such as "VAT__c".'
            )
        if any(name.lower() == each.lower() and name != each for each in salesforce.account_fields):
            raise ConfigurationError(
                where(("salesforce", key)),
                f'"{name}" stands in account_fields too, with other capitals.',
                "Write it the same way in both places.",
            )


def _check_stages(hub: Hub, where: Where) -> None:
    """What is looked for on an account must be mirrored."""
    mirrored = hub.salesforce.account_fields if hub.salesforce is not None else ()
    field = hub.stages.payment_terms_field
    if field and field not in mirrored:
        raise ConfigurationError(
            where(("stages", "payment_terms_field")),
            f"{field} is not mirrored, so no account could be seen to have it.",
            'Add it to account_fields of [salesforce], or leave payment_terms_field = "".',
        )


def _check_push(push: PushConfig, where: Where) -> None:
    if not 0 <= push.drift_check_hour <= 23:
        raise ConfigurationError(
            where(("push", "drift_check_hour")), f"{push.drift_check_hour} is not an hour.", "Use 0 to 23."
        )
    seen: set[str] = set()
    for number, rule in enumerate(push.fields):
        place = ("push", "fields", number, "field")
        if not FIELD_NAME.fullmatch(rule.field):
            raise ConfigurationError(
                where(place), f'"{rule.field}" is not the API name of a field.', 'Use one such as "ERP_Revenue__c".'
            )
        if rule.field.lower() in NEVER_PUSHED:
            raise ConfigurationError(
                where(place),
                f'"{rule.field}" belongs to the people who work in Salesforce: a push never writes it.',
                'Push to a field of its own, such as "ERP_Revenue__c".',
            )
        if rule.field.lower() in seen:
            raise ConfigurationError(
                where(place), f'Two measures go to the field "{rule.field}".', "Remove one, or name another field."
            )
        seen.add(rule.field.lower())


def _check_company(hub: Hub, where: Where) -> None:
    company = hub.company
    if not re.fullmatch(r"[A-Z]{3}", company.reporting_currency):
        raise ConfigurationError(
            where(("company", "reporting_currency")),
            f'"{company.reporting_currency}" is not a currency code.',
            'Use three capital letters, such as "EUR".',
        )
    try:
        ZoneInfo(company.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigurationError(
            where(("company", "time_zone")),
            f'"{company.time_zone}" is not a time zone.',
            'Use an IANA name, such as "Europe/Berlin".',
        ) from error
    if not 1 <= company.fiscal_year_start <= 12:
        raise ConfigurationError(
            where(("company", "fiscal_year_start")),
            f"{company.fiscal_year_start} is not a month.",
            "Use 1 to 12.",
        )
    _check_companies(hub, where)


def _check_companies(hub: Hub, where: Where) -> None:
    """Keys are written as the mirror writes them; whether such a company exists only the mirror knows."""
    companies = hub.company.companies
    for key in companies:
        source, _colon, code = key.partition(":")
        if not source or not code:
            raise ConfigurationError(
                where(("company", "companies")),
                f'"{key}" is not the key of a company.',
                'Write the name of its source, a colon and its code there, such as "erp:10".',
            )
        if companies.count(key) > 1:
            raise ConfigurationError(
                where(("company", "companies")), f'"{key}" stands there twice.', "Remove one of them."
            )


def _check_source(source: SourceConfig, number: int, where: Where) -> None:
    check_reach(source, ("sources", number), where)
    _check_files(source, ("sources", number), where)
    seen: set[str] = set()
    for position, stream in enumerate(source.streams):
        keys = ("sources", number, "streams", position)
        if stream.name in seen:
            raise ConfigurationError(where((*keys, "name")), f'Two streams are named "{stream.name}".', "Rename one.")
        seen.add(stream.name)
        _check_stream(source, stream, keys, where)


def _check_files(source: SourceConfig, keys: tuple[str | int, ...], where: Where) -> None:
    """An encoding or a delimiter that cannot be."""
    try:
        codecs.lookup(source.encoding)
    except LookupError as error:
        raise ConfigurationError(
            where((*keys, "encoding")),
            f'"{source.encoding}" is not an encoding.',
            'Use a name such as "utf-8", "cp1252" or "utf-16".',
        ) from error
    if len(source.delimiter) > 1:
        raise ConfigurationError(
            where((*keys, "delimiter")), f'"{source.delimiter}" is more than one character.', 'Use one, such as ";".'
        )


def _check_stream(source: SourceConfig, stream: StreamConfig, keys: tuple[str | int, ...], where: Where) -> None:
    tables = {
        model._meta.db_table: model
        for model in apps.get_app_config("integration_hub").get_models()
        if model._meta.db_table.startswith("erp_")
    }
    model = tables.get(stream.target)
    if model is None:
        raise ConfigurationError(
            where((*keys, "target")),
            f'There is no mirror table "{stream.target}".',
            f"Use one of: {', '.join(sorted(tables))}.",
        )
    check_stream_reads(source, stream, keys, where)
    columns = _columns(model)
    for name, column in stream.columns.items():
        if name not in columns:
            raise ConfigurationError(
                where((*keys, "columns", name)),
                f'{stream.target} has no column "{name}".',
                f"Use one of: {', '.join(sorted(columns))}.",
            )
        if bool(column.source) == (column.constant is not None):
            raise ConfigurationError(
                where((*keys, "columns", name)),
                "A column needs either a source or a constant.",
                "Give exactly one of them.",
            )
    if stream.parent and stream.parent not in columns:
        raise ConfigurationError(
            where((*keys, "parent")),
            f'{stream.target} has no column "{stream.parent}".',
            "Name the reference to the document, such as invoice.",
        )


def _columns(model: type[models.Model]) -> set[str]:
    """What a source may fill: what the hub keeps and what it derives itself are left out."""
    return {field.name for field in model._meta.concrete_fields} - KEPT_BY_THE_HUB | {"gone"}
