"""Contacts of both systems as people: who is the same person, and in what the systems differ about them.

A contact of the account and one of each linked ERP customer are one person when they have the same e-mail address, or
else the same name; a namesake with another e-mail address is another person unless the telephone number is the same, as
two sites may each have a Petra Krueger. An address of an office, such as info@, makes nobody the same person. Nobody
is lost: each contact belongs to exactly one person, and two of the same party never to the same one, as people share
mailboxes and names.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from customers.field_values import FieldValue
from integration_hub.words import words_of

# What stands before or behind a name and is none of it.
TITLES = frozenset(
    {
        *("dr", "prof", "dipl", "ing", "mag", "bsc", "msc", "mba", "phd", "mr", "mrs", "ms", "miss"),
        *("herr", "frau", "hr", "fr", "mme", "mlle", "madame", "monsieur", "sig", "sigra"),
    }
)
# Mailboxes of an office, which whoever is there reads.
OFFICES = frozenset(
    {
        *(
            "info",
            "office",
            "mail",
            "email",
            "kontakt",
            "contact",
            "zentrale",
            "post",
            "team",
            "admin",
            "hello",
            "welcome",
        ),
        *(
            "sales",
            "vertrieb",
            "verkauf",
            "export",
            "order",
            "orders",
            "bestellung",
            "bestellungen",
            "service",
            "support",
        ),
        *("einkauf", "purchasing", "procurement", "achats", "import", "versand", "logistik", "logistics", "hr"),
        *("buchhaltung", "accounting", "accounts", "finance", "ap", "ar", "compta"),
        *("invoice", "invoices", "rechnung", "rechnungen", "billing"),
    }
)


@dataclass(frozen=True)
class Contact:
    """One contact as a system has it. `party` is the account or ERP customer it belongs to."""

    key: str
    party: str
    system: str
    name: str
    role: str
    email: str
    phone: str
    fields: tuple[FieldValue, ...] = ()


def merged(contacts: Iterable[Contact]) -> tuple[tuple[Contact, ...], ...]:
    """The contacts by person, in the order given."""
    groups = [[contact] for contact in contacts]
    # Who shares a mailbox is told apart by name first.
    for sign, may_join in ((_email_and_name, None), (_email, _may_share_a_mailbox), (_name, _may_be_namesakes)):
        groups = _joined(groups, sign, may_join)
    return tuple(map(tuple, groups))


def differences_of(contacts: Sequence[Contact]) -> tuple[str, ...]:
    """In what the systems differ about a person, in words; what only one of them knows is no difference."""
    told = []
    for label, values in (
        ("Name", [(_name(each), each.name, each.system) for each in contacts]),
        ("Role", [(" ".join(words_of(each.role)), each.role, each.system) for each in contacts]),
        ("E-mail", [(_email(each), each.email, each.system) for each in contacts]),
        ("Phone", [(_digits(each.phone), each.phone, each.system) for each in contacts]),
    ):
        known: dict[str, tuple[str, str]] = {}
        for folded, value, system in values:
            if folded and not any(_same_number(folded, other) for other in known if label == "Phone"):
                known.setdefault(folded, (system, value))
        if len(known) > 1:
            told.append(f"{label}: " + ", ".join(f"{system} {value}" for system, value in known.values()))
    return tuple(told)


def _joined(
    groups: Iterable[list[Contact]],
    sign: Callable[[Contact], str],
    may_join: Callable[[Sequence[Contact], Sequence[Contact]], bool] | None,
) -> list[list[Contact]]:
    """Groups that share a sign and no party put together, where they may be; an empty sign says nothing."""
    kept: list[list[Contact]] = []
    by_sign: dict[str, list[list[Contact]]] = {}
    for group in groups:
        signs = dict.fromkeys(filter(None, map(sign, group)))
        alike = (other for each in signs for other in by_sign.get(each, ()))
        apart = (other for other in alike if _parties(other).isdisjoint(_parties(group)))
        home = next((other for other in apart if may_join is None or may_join(other, group)), None)
        if home is None:
            home = []
            kept.append(home)
        home += group
        for each in signs:
            if not any(home is other for other in by_sign.get(each, ())):
                by_sign.setdefault(each, []).append(home)
    return kept


def _may_be_namesakes(one: Sequence[Contact], other: Sequence[Contact]) -> bool:
    """Whether two with the same name can be one person: nothing but their names is known, or more than these agrees."""
    emails, others = ({email for each in group if (email := _email(each))} for group in (one, other))
    if not emails or not others or emails & others:
        return True
    phones, further = ([number for each in group if (number := _digits(each.phone))] for group in (one, other))
    return any(_same_number(number, another) for number in phones for another in further)


def _may_share_a_mailbox(one: Sequence[Contact], other: Sequence[Contact]) -> bool:
    """Whether two with the same e-mail address and another name can be one person: not where an office reads it, nor
    where their telephone numbers differ as well.
    """
    names, others = ({word for each in group for word in _name(each).split()} for group in (one, other))
    if not names or not others or names & others:
        return True
    if any(_email(each).partition("@")[0] in OFFICES for each in one):
        return False
    phones, further = ([number for each in group if (number := _digits(each.phone))] for group in (one, other))
    return not phones or not further or any(_same_number(mine, theirs) for mine in phones for theirs in further)


def _parties(group: Sequence[Contact]) -> set[str]:
    return {contact.party for contact in group}


def _email_and_name(contact: Contact) -> str:
    email, name = _email(contact), _name(contact)
    return f"{email} {name}" if email and name else ""


def _email(contact: Contact) -> str:
    return contact.email.strip().casefold()


def _name(contact: Contact) -> str:
    """The words of a name whatever their order, without titles: "Keller, Anna" is Dr. Anna Keller."""
    words = words_of(contact.name)
    return " ".join(sorted(word for word in words if word not in TITLES) or words)


def _digits(text: str) -> str:
    digits = "".join(letter for letter in text.replace("(0)", "") if letter.isdecimal())
    return digits.removeprefix("00")


def _same_number(one: str, other: str) -> bool:
    """Whether two numbers are the same, also where one leaves its country out: 0711 5 and 49711 5."""
    shorter, longer = sorted((one, other), key=len)
    return one == other or (len(shorter) > 6 and shorter.startswith("0") and longer.endswith(shorter[1:]))
