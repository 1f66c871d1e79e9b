"""The fields that are compared: what they are called, where each system keeps them, and what counts as the same.

The SQL stands here beside the words that pages give for it. `e` is the ERP customer, `a` the account, `u` its owner.
A side that is null is not known and makes no difference; an empty text means that nothing is filled in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Composed letters are only looked for where there are others than those of ASCII.
LOWER = "lower(case when octet_length({v}) = length({v}) then {v} else replace(normalize({v}, NFC), 'ß', 'ss') end)"
# In words with a blank before and behind each, so that one can be replaced as a whole; dots and commas are blanks too.
WORDS = rf"regexp_replace(' ' || {LOWER} || ' ', '[\s.,;]+', ' ', 'g')"
AMOUNT = "round({amount}, 2)::text || coalesce(' ' || nullif({currency}, ''), '')"


def _replaced(text: str, *pairs: tuple[str, str]) -> str:
    """A text in SQL with parts of it replaced, one after the other."""
    for part, by in pairs:
        text = f"replace({text}, '{part}', '{by}')"
    return text


NAME = _replaced(
    rf"regexp_replace(' ' || translate({LOWER}, '.''’', '') || ' ', '[\s,;]+', ' ', 'g')",
    (" and ", " & "),
    (" und ", " & "),
    (" limited ", " ltd "),
    (" incorporated ", " inc "),
    (" corporation ", " corp "),
    (" company ", " co "),
    (" gesellschaft mit beschränkter haftung ", " gmbh "),
    (" aktiengesellschaft ", " ag "),
    (" aktiebolag ", " ab "),
)
SHORTER = _replaced(
    WORDS,
    ("strasse ", "str "),
    (" street ", " st "),
    (" road ", " rd "),
    (" avenue ", " ave "),
    (" boulevard ", " blvd "),
    (" drive ", " dr "),
    (" lane ", " ln "),
    ("platz ", "pl "),
)
STREET = rf"regexp_replace({SHORTER}, '(\d) (?=[a-z] )', '\1', 'g')"
POSTAL_CODE = r"regexp_replace(translate(upper({v}), ' -', ''), '^[A-Z]{{1,3}}(?=\d{{4}})', '')"
COUNTRY = f"coalesce(%(countries)s::jsonb ->> btrim({WORDS}), {WORDS})"
# "+49 (0)711 5", "0049 711 5" and "49 711/5" are one; what stands for the country is compared in DIFFERS.
PHONE = r"regexp_replace(replace({v}, '(0)', ''), '^\s*00|[^0-9]', '', 'g')"
WEBSITE = r"regexp_replace(lower(btrim({v})), '^https?://(www\.)?|^www\.|/+$', '', 'g')"
VAT = "regexp_replace(upper({v}), '[^A-Z0-9]', '', 'g')"
FILLERS = (
    "days",
    "day",
    "tage",
    "tagen",
    "jours",
    "dagen",
    "giorni",
    "net",
    "netto",
    "within",
    "innerhalb",
    "von",
    "in",
)
TERMS = _replaced(
    rf"regexp_replace({WORDS}, '([a-z])(?=\d)|(\d)(?=[a-z])', '\1\2 ', 'g')",
    *((f" {filler} ", " ") for filler in FILLERS),
)
# The words of a name in the order of the alphabet: "Keller, Anna" is "Anna Keller" and "anna.keller".
PERSON = r"(select string_agg(w, ' ' order by w) from regexp_split_to_table(lower({v}), '[\s.,;]+') w where w <> '')"

DIFFERS: Mapping[str, str] = MappingProxyType(
    {
        # "0711 5" is told without its country, which begins the other: "49711 5".
        "phone": "not (erp_form = salesforce_form"
        r" or erp_value ~ '^\s*0[1-9]' and length(erp_form) > 6 and salesforce_form like '%%_' || substr(erp_form, 2)"
        r" or salesforce_value ~ '^\s*0[1-9]' and length(salesforce_form) > 6"
        " and erp_form like '%%_' || substr(salesforce_form, 2))",
        "owner": "erp_form is distinct from salesforce_form and lower(btrim(erp_value)) <> all (also)",
    }
)


@dataclass(frozen=True)
class ComparedField:
    """One field. `erp_column` is its name in the mirror, `erp` and `salesforce` its two sides in SQL, `form` that of a
    side `{v}` in which equal things are equal; `how` says the same in words.
    """

    name: str
    label: str
    erp_column: str
    salesforce: str
    form: str
    how: str
    erp: str = ""

    @property
    def erp_side(self) -> str:
        """The ERP's value in SQL."""
        return self.erp or f"e.{self.erp_column}"

    @property
    def differs(self) -> str:
        """The condition in SQL over erp_value, salesforce_value and their forms."""
        return DIFFERS.get(self.name, "erp_form is distinct from salesforce_form")


_ALL = (
    ComparedField(
        "name", "Name", "name", "a.name", NAME, "Without case, dots and blanks; Limited is Ltd, but GmbH is not AG."
    ),
    ComparedField(
        "street",
        "Street",
        "street",
        "a.billing_street",
        STREET,
        "Without case and blanks; Straße is Str., Street is St.",
    ),
    ComparedField(
        "postal_code",
        "Postal code",
        "postal_code",
        "a.billing_postal_code",
        POSTAL_CODE,
        "Without blanks, hyphens and a country in front, as in D-70173.",
    ),
    ComparedField("city", "City", "city", "a.billing_city", WORDS, "Without case and blanks."),
    ComparedField(
        "country", "Country", "country", "a.billing_country", COUNTRY, "A country's name is the same as its code."
    ),
    ComparedField(
        "phone",
        "Phone",
        "phone",
        "a.phone",
        PHONE,
        "By digits; a number without its country is the same as with it.",
    ),
    ComparedField("website", "Website", "website", "a.website", WEBSITE, "Without https://, www. and a slash behind."),
    ComparedField("vat", "VAT number", "vat_id", "", VAT, "By letters and digits."),
    ComparedField(
        "payment_terms", "Payment terms", "payment_terms", "", TERMS, "“30 days net” is the same as “Net 30”."
    ),
    ComparedField(
        "credit_limit",
        "Credit limit",
        "credit_limit",
        "",
        "{v}",
        "By amount; not compared where the two are in different currencies.",
        erp="case when e.currency in ('', a.currency) or a.currency = '' then coalesce("
        + AMOUNT.format(amount="e.credit_limit", currency="e.currency")
        + ", '') end",
    ),
    ComparedField(
        "owner",
        "Owner",
        "salesperson",
        "u.name",
        PERSON,
        "The ERP’s salesperson is the owner’s name, in any order of its words, e-mail address or login.",
    ),
    ComparedField(
        "currency",
        "Currency",
        "currency",
        "case when d.several_currencies then nullif(a.currency, '') end",
        "upper({v})",
        "By code; not compared in an org of one currency, nor where one side has none.",
        erp="nullif(e.currency, '')",
    ),
)
FIELDS: Mapping[str, ComparedField] = MappingProxyType({each.name: each for each in _ALL})


def label_of(name: str) -> str:
    """What pages call a field; its own name for one that is no longer compared."""
    return FIELDS[name].label if name in FIELDS else name
