"""Ids of both lengths name the same record, and letter case counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration_hub.salesforce.ids import is_id, to_18
from tests.practice_org import PracticeOrg

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def test_trap_23_a_15_character_id_becomes_the_18_character_one_that_the_org_gives(practice_org: PracticeOrg) -> None:
    ids = practice_org.seed("Account", *({"Name": f"A {place}"} for place in range(30)))
    assert [to_18(each[:15]) for each in ids] == ids
    assert [to_18(each) for each in ids] == ids


def test_the_master_record_type_has_its_well_known_suffix() -> None:
    assert to_18("012000000000000") == "012000000000000AAA"


def test_trap_23_ids_that_differ_in_letter_case_only_stay_different() -> None:
    assert to_18("001000000000abc") != to_18("001000000000ABC")


@given(st.text(CHARACTERS, min_size=15, max_size=15))
def test_18_characters_tell_apart_what_15_do_even_without_letter_case(first: str) -> None:
    whole = to_18(first)
    assert whole[:15] == first
    assert to_18(whole) == whole
    assert to_18(first.swapcase()).lower() != whole.lower() or first.swapcase() == first


@pytest.mark.parametrize(
    "text", ["", "001", "001000000000abcZZZ", "001000000000ab-", "001000000000abcd", "001000000000abc' OR", "٠" * 15]
)
def test_what_is_no_id_is_refused(text: str) -> None:
    assert not is_id(text)
    with pytest.raises(ValueError, match="no Salesforce id"):
        to_18(text)


def test_blanks_around_an_id_are_dropped() -> None:
    assert to_18(" 012000000000000 ") == "012000000000000AAA"
