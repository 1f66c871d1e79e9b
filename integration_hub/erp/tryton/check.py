"""Looks at a Tryton before it is read: its version, its clock, and which companies it shows us."""

from collections.abc import Sequence
from dataclasses import dataclass

from integration_hub.erp.tryton.problems import closed_companies, unknown_companies
from integration_hub.erp.tryton.wire import Wire
from integration_hub.sources import SourceCheck

COMPANY = "company.company"
MOST_SKEW = 60.0
PROOF = (
    "Customer 360 sends nothing but GET to {folder}…, for which Tryton opens a transaction that only reads; anything "
    "else is refused before it leaves this machine."
)


@dataclass(frozen=True)
class TrytonCompany:
    """A legal company; its name is that of its party."""

    id: str
    name: str


def companies_seen(wire: Wire) -> list[TrytonCompany]:
    """Every company that the reading user may look up. Raises SourceProblem for a key that is not accepted."""
    rows = wire.all(COMPANY, [], ("party.name",))
    return [TrytonCompany(row["id"], row["party"]["name"] or row["id"]) for row in rows]


def companies_wanted(wire: Wire) -> list[TrytonCompany]:
    """The companies of hub.toml, by id or name, or all. Raises SourceProblem for one that is not there, and for one of
    hub.toml whose records are kept from us.
    """
    seen, named = companies_seen(wire), wire.source.companies
    known = {each.id: each for each in seen} | {each.name: each for each in seen}
    unknown = [name for name in named if name not in known]
    if unknown:
        raise unknown_companies(wire.source, unknown, [f"{each.name} ({each.id})" for each in seen])
    wanted = [known[name] for name in named] if named else seen
    closed = companies_closed(wire, wanted) if named else []
    if closed:
        raise closed_companies(wire.source, closed)
    return wanted


def companies_closed(wire: Wire, companies: Sequence[TrytonCompany]) -> list[str]:
    """Names of companies of which nothing is shown: record rules hide what is not the reading user's own."""
    return [
        each.name for each in companies if not wire.ask("account.account", [["company", "=", int(each.id)]], ("id",), 1)
    ]


def check(wire: Wire) -> SourceCheck:
    """Sign in and look. Raises SourceProblem."""
    wanted = companies_wanted(wire)
    modules = wire.all("ir.module", [["state", "=", "activated"]], ("name", "version"))
    versions = {row["name"]: row.get("version") or "" for row in modules}
    version = versions.get("company", "")
    warnings = []
    if wire.session.skew is not None and abs(wire.session.skew) > MOST_SKEW:
        warnings.append(
            f"Its clock is {abs(wire.session.skew):.0f} seconds {'ahead' if wire.session.skew > 0 else 'behind'}: "
            "changes are still found, because they are told apart by its own stamps."
        )
    closed = companies_closed(wire, wanted)
    if closed:
        warnings.append(
            f"Nothing is shown of {', '.join(closed)}: the reading user does not see it. Set its company filter to "
            '"All" in Tryton, or name the companies in hub.toml.'
        )
    absent = [name for name in ("sale", "stock", "account_invoice") if name not in versions]
    if absent:
        warnings.append(f"Modules that are not activated, whose streams must be left out: {', '.join(absent)}.")
    return SourceCheck(
        label=wire.source.label,
        version=f"Tryton {'.'.join(version.split('.')[:2])}" if version else "Tryton",
        read_only_proof=PROOF.format(folder=f"/{wire.folder}"),
        companies=tuple(each.name for each in wanted),
        warnings=tuple(warnings),
    )
