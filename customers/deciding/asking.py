"""How alike an ERP customer and an account are, for any pair that somebody wants to compare, proposed or not."""

from dataclasses import dataclass
from decimal import Decimal

from customers.candidates import domain_of, words_of
from integration_hub.models import ErpCustomer, SfAccount
from integration_hub.words import fold

# What a field that is the same adds, of 1 together; one that is similar adds half.
WEIGHTS = {"number": 30, "name": 30, "web": 15, "phone": 10, "street": 5, "postal_code": 5, "city": 3, "country": 2}
SHORTEST_PHONE = 6


@dataclass(frozen=True)
class Match:
    """`score` is 0 to 1; `evidence` a list of {"field", "erp", "account", "verdict", "weight"}, as in LinkProposal."""

    score: Decimal
    certain: bool
    evidence: list[dict[str, str | int]]


def evidence(erp_customer: str, account: str) -> Match:
    """What of two stored records, named by their keys, agrees; nothing where one of them is unknown."""
    left, right = ErpCustomer.objects.filter(key=erp_customer).first(), SfAccount.objects.filter(key=account).first()
    if left is None or right is None:
        return Match(Decimal(0), certain=False, evidence=[])
    rows = [_row(field, *values) for field, values in _facts(left, right).items()]
    points = sum(int(row["weight"]) for row in rows)
    rows.sort(key=lambda row: (-int(row["weight"]), list(WEIGHTS).index(str(row["field"]))))
    return Match(Decimal(points) / 100, certain=False, evidence=rows)


def _facts(left: ErpCustomer, right: SfAccount) -> dict[str, tuple[str, str]]:
    """Field -> what the ERP and the account say."""
    return {
        "number": (left.number, right.erp_number or right.account_number),
        "name": (left.name, right.name),
        "web": (domain_of(left.website) or domain_of(left.email), domain_of(right.website)),
        "phone": (left.phone, right.phone),
        "street": (left.street, right.billing_street),
        "postal_code": (left.postal_code, right.billing_postal_code),
        "city": (left.city, right.billing_city),
        "country": (left.country, right.billing_country),
    }


def _row(field: str, left: str, right: str) -> dict[str, str | int]:
    verdict = _verdict(field, left, right)
    weight = {"same": WEIGHTS[field], "similar": WEIGHTS[field] // 2}.get(verdict, 0)
    return {"field": field, "erp": left, "account": right, "verdict": verdict, "weight": weight}


def _verdict(field: str, left: str, right: str) -> str:
    if not left.strip() or not right.strip():
        return "missing"
    if fold(left) == fold(right):
        return "same"
    if field == "number":
        return "similar" if left.strip().lstrip("0") == right.strip().lstrip("0") else "different"
    if field == "phone":
        ends = [digits[-SHORTEST_PHONE:] for digits in (_digits(left), _digits(right))]
        return "similar" if ends[0] == ends[1] and len(ends[0]) == SHORTEST_PHONE else "different"
    if field in {"name", "street"}:
        common, every = words_of(left) & words_of(right), words_of(left) | words_of(right)
        return "similar" if common and 2 * len(common) >= len(every) else "different"
    return "different"


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
