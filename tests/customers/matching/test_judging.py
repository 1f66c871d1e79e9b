"""Normalising, comparing and judging, without a database: every spelling of the same thing is the same."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.matching.blocks import blocks_of
from customers.matching.comparing import compare
from customers.matching.contacts import label_of, phone_of
from customers.matching.countries import country_of
from customers.matching.facts import Facts, Record, facts_of, read, stored
from customers.matching.judging import Match, judge
from customers.matching.names import name_of
from customers.matching.places import city_of, postal_of, street_of
from customers.matching.tax_ids import tax_id
from customers.matching.weights import WEIGHTS
from tests.customers.matching.corruptions import SCORING, TUNING, Party, labelled


class Once:
    """Counts of a world in which nobody else says the same; nothing is common."""

    def customers(self, block: int) -> int:
        return 1

    def accounts(self, block: int) -> int:
        return 1

    def is_common(self, word: str) -> bool:
        return False


class Many(Once):
    """A world in which very many ERP customers have the same name and number."""

    def customers(self, block: int) -> int:
        return 50


def facts(party: Party, registration: str = "") -> Facts:
    return facts_of(
        Record(
            key=party.key,
            registration=registration,
            name=party.name,
            vats=[party.vat],
            numbers=[party.number],
            phones=[party.phone],
            addresses=[party.email, party.website],
            street=party.street,
            postal_code=party.postal_code,
            city=party.city,
            country=party.country,
        )
    )


@pytest.mark.parametrize(
    ("text", "words", "form"),
    [
        ("Müller & Söhne GmbH", ("muller", "sohne"), "gmbh"),
        ("Mueller u. Soehne G.m.b.H.", ("muller", "sohne"), "gmbh"),
        ("MULLER UND SOHNE Gesellschaft mbH", ("muller", "sohne"), "gmbh"),
        ("Kaltenbach GmbH & Co. KG", ("kaltenbach",), "gmbh kg"),
        ("Kaltenbach GmbH&Co.KG", ("kaltenbach",), "gmbh kg"),
        ("AG Pilatus", ("pilatus",), "ag"),
        ("Wisła Pompy Sp. z o.o.", ("wisla", "pompy"), "zoo"),
        ("Beaulieu S.à r.l.", ("beaulieu",), "sarl"),
        ("The Blue Ridge Company, Inc.", ("blu", "ridge"), "inc"),
        ("SA Motors", ("motors",), "sa"),
        ("Bauer", ("bauer",), ""),
        ("株式会社トヨタ", ("トヨタ",), "kk"),
        ("トヨタ(株)", ("トヨタ",), "kk"),
        ("华为技术有限公司", ("华为技术",), "ltd"),
        ("ООО Ромашка", ("ромашка",), "other"),
        ("Zoo Hannover GmbH", ("zoo", "hannover"), "gmbh"),
        ("EV Charging GmbH", ("ev", "charging"), "gmbh"),
        ("Turnverein Halle e.V.", ("turnverein", "halle"), "other"),
        ("SIA Abrasives AG", ("sia", "abrasives"), "ag"),
        ("SIA Rigas Piens", ("rigas", "piens"), "other"),
        ("Co-op Ltd", ("co", "op"), "ltd"),
        ("A. S. Roma S.p.A.", ("as", "roma"), "spa"),
        ("Limited Edition Shoes", ("limited", "edition", "shos"), ""),
        ("Acme Trading Limited", ("acme", "trading"), "ltd"),
        ("GmbH", (), "gmbh"),
        ("  ", (), ""),
    ],
)
def test_a_name_is_taken_apart_into_words_and_legal_form(text: str, words: tuple[str, ...], form: str) -> None:
    assert name_of(text) == (words, form)


@pytest.mark.parametrize(
    ("text", "country", "number", "checked"),
    [
        ("DE 136.695.976", "", "DE136695976", True),
        ("136695976", "DE", "DE136695976", True),
        ("DE136695977", "DE", "DE136695977", False),
        ("CHE-107.787.577 MWST", "", "CH107787577", True),
        ("CHE107787577 TVA", "CH", "CH107787577", True),
        ("EL 094259216", "", "GR094259216", True),
        ("12-3456789", "US", "123456789", False),
    ],
)
def test_a_tax_number_has_one_form_and_is_checked(text: str, country: str, number: str, checked: bool) -> None:
    assert tax_id(text, country) == (number, checked)


@pytest.mark.parametrize("text", ["", "DE000000000", "n/a", "12", "99999999"])
def test_what_stands_for_no_number_is_none(text: str) -> None:
    assert tax_id(text, "DE") is None


def test_spellings_of_one_telephone_number_place_and_domain_are_the_same() -> None:
    written = ("+49 711 998877", "0049 711 99 88 77", "0711/998877", "+49 (0) 711 998877", "(0711) 998877 ext. 12")
    assert {phone_of(text, "DE") for text in written} == {"711998877"}
    assert phone_of("1-216-555-0147", "US") == phone_of("+1 216 555 0147", "") == "2165550147"
    assert phone_of("000000", "DE") == phone_of("123", "DE") == ""
    assert street_of("Industriestraße 12") == street_of("INDUSTRIESTR. 12") == ("industriestr", "12")
    assert street_of("12 Canal St.") == street_of("Canal Street 12")
    assert postal_of("D-70173") == "70173"
    assert city_of("Munich") == city_of("München") == city_of("MUENCHEN")
    assert city_of("Cleveland, OH") == "cleveland"
    assert {country_of(text) for text in ("AT", "Österreich", "austria", "AUT")} == {"AT"}
    assert label_of("shop.acme.co.uk") == label_of("acme.de") == "acme"


def test_tuning_and_scoring_never_meet_and_a_seed_gives_one_set() -> None:
    assert not set(TUNING) & set(SCORING)
    assert labelled(TUNING[0], 20) == labelled(TUNING[0], 20)


@pytest.fixture(scope="module")
def met() -> list[tuple[Facts, Facts, bool]]:
    """Pairs of a labelled set: those that are the same, and each beside its neighbour."""
    parties = labelled(TUNING[1], 150, demo=False)
    customers = {each.key: facts(each) for each in parties.customers}
    accounts = {each.key: facts(each) for each in parties.accounts}
    same = sorted(parties.same)
    shifted = pairwise(same)
    return [(customers[one], accounts[other], True) for one, other in same] + [
        (customers[one], accounts[other], (one, other) in parties.same) for (one, _), (_, other) in shifted
    ]


def test_every_finding_has_a_weight_and_is_the_same_the_other_way_around(met: list[tuple[Facts, Facts, bool]]) -> None:
    for erp, account, _ in met:
        compared = compare(erp, account, lambda word: len(word) > 8)
        assert compared == compare(account, erp, lambda word: len(word) > 8)
        for each in compared:
            assert each.level == "missing" or each.level in WEIGHTS[each.field]
            assert (each.level == "missing") == (each.verdict == "missing")


def test_the_same_score_higher_than_others_and_facts_survive_being_stored(met: list[tuple[Facts, Facts, bool]]) -> None:
    scores: dict[bool, list[float]] = {True: [], False: []}
    for erp, account, is_same in met:
        match = judge(erp, account, Once())
        scores[is_same].append(float(match.score))
        assert judge(read(stored(erp)), read(stored(account)), Once()) == match
        assert 0 <= match.score <= 1
    mean = {is_same: sum(found) / len(found) for is_same, found in scores.items()}
    assert mean[True] > 0.9
    assert mean[False] < 0.05


CERTAIN = Party(
    key="x",
    name="Halmann Maschinenbau GmbH",
    vat="DE136695976",
    phone="+49 711 998877",
    street="Werkstraße 12",
    postal_code="70173",
    city="Stuttgart",
    country="DE",
)
TEXT = st.text(alphabet="aAüß1.-& /GmbHKGDE", max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    field=st.sampled_from(["name", "vat", "phone", "street", "postal_code", "city", "country", "email", "website"]),
    text=TEXT,
)
def test_whatever_a_field_says_nothing_that_speaks_against_a_pair_is_ever_certain(field: str, text: str) -> None:
    assert judge(facts(CERTAIN), facts(CERTAIN), Once()).certain
    other = facts(replace(CERTAIN, **{field: text}))
    match = judge(facts(CERTAIN), other, Once())
    assert match == judge(facts(CERTAIN), other, Once())
    verdicts = {each["field"]: each["verdict"] for each in match.evidence}
    if "different" in (verdicts.get(each) for each in ("name", "vat", "registration", "country", "form", "city")):
        assert not match.certain
    if match.certain:
        assert verdicts["vat"] == "same"
        assert verdicts["name"] != "missing"
    assert blocks_of(other) == blocks_of(facts(replace(CERTAIN, **{field: text})))


def test_a_registered_number_that_makes_the_tax_number_is_the_same() -> None:
    erp = facts(CERTAIN)
    account = facts(replace(CERTAIN, vat=""), "136695976")
    match = judge(erp, account, Once())
    assert found(match, "registration") == "same"
    assert match.certain
    other = judge(erp, facts(replace(CERTAIN, vat=""), "4711471147"), Once())
    assert found(other, "registration") == "different"
    assert not other.certain


def test_the_same_entry_of_a_register_links_and_one_like_it_is_only_evidence() -> None:
    without = replace(CERTAIN, vat="")
    same = judge(facts(without, "HRB 0471 1"), facts(without, "HRB 04711"), Once())
    assert (found(same, "registration"), same.certain) == ("same", True)
    for theirs in ("HRA 04711", "HRB 4712", "12"):
        assert not judge(facts(without, "HRB 04711"), facts(without, theirs), Once()).certain, theirs
    assert not judge(facts(without, "12"), facts(without, "12"), Once()).certain, "a placeholder"
    assert not judge(facts(without, "HRB 04711"), facts(without, "HRB 04711"), Many()).certain
    zeros = judge(facts(replace(CERTAIN, vat="IT00743110157", country="IT")),
                  facts(replace(CERTAIN, vat="", country="IT"), "00743110157"), Once())  # fmt: skip
    assert (found(zeros, "registration"), zeros.certain) == ("same", True)


def test_a_sister_company_down_the_street_with_the_tax_number_of_the_group_is_not_linked_by_itself() -> None:
    erp = facts(replace(CERTAIN, street="Werkstraße 168", postal_code="70199", phone="+49 711 1111111"))
    sister = facts(replace(CERTAIN, street="Werkstraße 66", postal_code="70565", phone="+49 711 2222222"))
    assert not judge(erp, sister, Once()).certain
    moved = facts(replace(CERTAIN, street="Werkstraße 66", postal_code="70565", phone="+49 711 1111111"))
    assert judge(erp, moved, Once()).certain


def found(match: Match, field: str) -> str:
    return next(each["verdict"] for each in match.evidence if each["field"] == field)


def test_a_name_that_many_erp_customers_have_points_at_the_account_no_more() -> None:
    account = facts(replace(CERTAIN, vat="", phone=""))
    here, elsewhere = (
        facts(replace(CERTAIN, vat="", phone="", street=street)) for street in ("Werkstraße 12", "Am Hafen 1")
    )
    assert judge(elsewhere, account, Once()).score > 0.9
    assert judge(elsewhere, account, Many()).score < 0.5
    assert judge(here, account, Many()).score > judge(elsewhere, account, Many()).score
    shared = judge(facts(CERTAIN), facts(CERTAIN), Many())
    assert (shared.certain, shared.shared) == (False, True)
    assert (judge(facts(CERTAIN), facts(CERTAIN), Once()).shared, judge(here, account, Many()).shared) == (False, False)
