"""Record ids: the suffix, both lengths, and counting."""

from integration_hub.practice.org.identifiers import Mint, suffix, to_18


def test_the_suffix_of_published_ids_is_reproduced():
    assert suffix("012000000000000") == "AAA"
    assert suffix("0018000000MOUdN") == "AAX"
    assert suffix("001D000000IRFma") == "IAH"


def test_fifteen_and_eighteen_characters_name_the_same_record():
    assert to_18("001D000000IRFma") == to_18("001D000000IRFmaIAH") == "001D000000IRFmaIAH"


def test_a_suffix_in_the_wrong_letter_case_is_accepted_and_a_wrong_one_is_not():
    assert to_18("001D000000IRFmaiah") == "001D000000IRFmaIAH"
    assert to_18("001D000000IRFmaAAA") is None


def test_ids_that_differ_in_letter_case_alone_stay_different():
    assert to_18("001D000000IRFma") != to_18("001D000000IRFmA")


def test_text_of_another_length_or_alphabet_is_no_id():
    assert to_18("001") is None
    assert to_18("001D000000IRF-a") is None


def test_new_ids_carry_their_prefix_and_a_true_suffix_and_never_repeat():
    mint = Mint()
    made = [mint.new("001") for _ in range(200)]
    assert len(set(made)) == 200
    assert all(each[:3] == "001" and to_18(each[:15]) == each for each in made)
    assert len({each[:15].lower() for each in made}) < 200, "letter case must matter among them"
