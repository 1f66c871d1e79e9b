"""What the integration user may do: read each mirrored object and field, edit accounts, write each pushed field."""

from collections.abc import Iterator

from integration_hub.config import Hub
from integration_hub.diagnosis.check import Check, Light, name_of_finding
from integration_hub.push.live import CURRENCY
from integration_hub.push.preflight import PERMISSION_SET, State, check_fields
from integration_hub.push.refusals import known_refusals
from integration_hub.push.wanted import needs_of
from integration_hub.salesforce import soql
from integration_hub.salesforce.absent import UNKNOWN, hidden_fields, in_part
from integration_hub.salesforce.asking import Asker
from integration_hub.salesforce.describe import COMPOUND_TYPES
from integration_hub.salesforce.errors import RequestRefused
from integration_hub.salesforce.objects import BY_NAME, essential_fields, streams

READING, WRITING = "Reading", "Writing"
SAMPLE = 200  # as many as Salesforce answers at once
STATES = {State.GREEN: Light.GREEN, State.AMBER: Light.AMBER, State.RED: Light.RED}
GRANT_ALL = (
    "Give the user read access to the object with all fields in a permission set of its own: "
    f"{PERMISSION_SET} leaves out what not every org has."
)
GRANT = f"Give the user read access in the permission set {PERMISSION_SET}, or remove the name from hub.toml."


def reading_checks(asker: Asker, configuration: Hub) -> Iterator[Check]:
    """Every mirrored object with its fields; an essential one that is missing stops the sync."""
    pushed = (*configuration.masters.further_fields, *(rule.field for rule in configuration.push.fields))
    for stream in streams(asker.config, currency=configuration.company.reporting_currency, pushed=pushed):
        wanted = dict.fromkeys(name for column in stream.columns.values() for name in column.source)
        yield _readable(asker, stream.name, [name for name in wanted if name != CURRENCY])


def _readable(asker: Asker, sobject: str, wanted: list[str]) -> Check:
    name = f"Read {sobject}"
    try:
        described = asker.describe(sobject)
    except RequestRefused as refused:
        if BY_NAME[sobject].absent_means and refused.code in UNKNOWN:
            return Check(name, Light.GREEN, f"{sobject} is not there. {BY_NAME[sobject].absent_means}", topic=READING)
        text = f"The integration user may not see {sobject} at all: {refused.code}. The sync stops."
        remedy = f"Assign the permission set {PERMISSION_SET} to the integration user."
        return Check(name, Light.RED, text, remedy, READING)
    if BY_NAME[sobject].spared and (hidden := hidden_fields(described, BY_NAME[sobject])):
        return Check(name, Light.AMBER, in_part(BY_NAME[sobject], hidden), GRANT_ALL, READING)
    found = {each: described.find(each) for each in wanted}
    absent = [each for each, info in found.items() if info is None or info.type in COMPOUND_TYPES]
    essential = [each for each in absent if each in essential_fields(BY_NAME[sobject], asker.config)]
    if not absent:
        formulas = [each for each, info in found.items() if info and info.calculated]
        more = f" Formulas, refreshed on their own: {', '.join(formulas)}." if formulas else ""
        return Check(name, Light.GREEN, f"All {len(wanted)} fields can be read.{more}", topic=READING)
    text = f"{', '.join(absent)} missing, hidden from the integration user or compound; Salesforce does not tell which."
    if essential:
        return Check(name, Light.RED, f"{text} Without {', '.join(essential)} the sync stops.", GRANT, READING)
    return Check(name, Light.AMBER, f"{text} Left empty here.", GRANT, READING)


def access_checks(asker: Asker) -> Iterator[Check]:
    """Whether records are shared with the user for editing, by a sample; sharing is beside permissions on fields."""
    accounts = [str(row["Id"]) for row in asker.rows(soql.select(["Id"], "Account") + f" LIMIT {SAMPLE}")]
    if not accounts or not asker.user_id:
        text = "There is no account to try." if asker.user_id else "Salesforce does not say which user signed in."
        yield Check("Edit accounts", Light.AMBER, f"{text} Whether accounts may be edited is not known.", "", WRITING)
        return
    try:
        rows = asker.rows(
            "SELECT RecordId, HasEditAccess FROM UserRecordAccess "  # noqa: S608 - ids only
            f"WHERE UserId = {soql.quoted(asker.user_id)} AND RecordId IN ({','.join(map(soql.quoted, accounts))})"
        )
    except RequestRefused as refused:
        text = f"Salesforce does not say which accounts the user may edit ({refused.code})."
        remedy = "See that all accounts are shared with the integration user for editing; the first push will tell."
        yield Check("Edit accounts", Light.AMBER, text, remedy, WRITING)
        return
    editable = sum(bool(row.get("HasEditAccess")) for row in rows)
    text = f"{editable} of {len(accounts)} accounts looked at may be edited."
    if editable == len(accounts):
        yield Check("Edit accounts", Light.GREEN, text, topic=WRITING)
        return
    remedy = "Share all accounts with the integration user for editing: a sharing rule, or Modify All on Account."
    light = Light.AMBER if editable else Light.RED
    yield Check("Edit accounts", light, f"{text} The others are refused by the push.", remedy, WRITING)


def field_checks(asker: Asker, configuration: Hub) -> Iterator[Check]:
    """The preflight of every pushed field, and the validation rules that refused accounts before."""
    rules, described = configuration.push.fields, asker.describe("Account").fields
    several = CURRENCY in described and configuration.push.other_currency == "convert"
    findings = check_fields(rules, described, needs_of(rules), converts=several)
    for finding in (*findings, *known_refusals(asker.organization_id)):
        text = finding.problem or "Exists, fits and may be edited."
        yield Check(name_of_finding(finding.field), STATES[finding.state], text, finding.remedy, WRITING)
