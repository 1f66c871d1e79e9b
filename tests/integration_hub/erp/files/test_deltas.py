"""Files of changed rows: read in order, each once, and never past one that is missing."""

import pytest

from integration_hub.config import Column
from integration_hub.erp.files.sequence import Place
from integration_hub.sources import NothingNew, SourceProblem

DELTA = {"delivery": "delta"}
NUMBERED = {"delivery": "delta", "sequence": True}
FULL = {"delivery": "delta", "full_path": "orders_full_*"}


def file(*rows, header="no,net"):
    return "\n".join([header, *rows]) + "\n"


def deliver(drop, *numbers, age=60):
    for number in numbers:
        drop.put(file(f"{number},{number}0"), f"orders_{number}.csv", minutes_ago=age - number / 10)


def numbers_read(read):
    return [row[0] for row in read.rows]


def test_all_files_are_read_in_the_order_of_their_numbers_and_only_once(drop):
    deliver(drop, 9, 10, 11)
    first = drop.read(**DELTA)
    assert numbers_read(first) == ["9", "10", "11"]
    assert (first.expected, first.extract.format, first.extract.partial) == (3, "csv", True)
    with pytest.raises(NothingNew, match="no file came after"):
        drop.read(first.fingerprint, **DELTA)
    deliver(drop, 12, 13)
    second = drop.read(first.fingerprint, **DELTA)
    assert numbers_read(second) == ["12", "13"]


def test_the_place_fits_into_the_state_of_a_stream(drop):
    drop.put(file("1,2"), "orders_20261126_235959_00012345.csv")
    assert len(drop.read(**DELTA).fingerprint) <= 67
    drop.put(file("1,2"), "orders_20261126_235959_000123456789012345678901234567.csv", minutes_ago=1)
    with pytest.raises(SourceProblem, match="too many digits"):
        drop.read(**DELTA)


def test_a_place_is_read_as_it_was_written():
    place = Place((2026, 7), 1_790_000_000_123_456_789, "a" * 16)
    assert Place.of(place.text) == place
    assert Place.of(Place((), 5, "b" * 16).text) == Place((), 5, "b" * 16)
    assert Place.of("f" * 64) is None
    assert Place.of("") is None


def test_in_the_order_of_time_names_do_not_count(drop):
    drop.put(file("1,1"), "orders_b.csv", minutes_ago=90)
    drop.put(file("2,2"), "orders_a.csv", minutes_ago=80)
    first = drop.read(order="time", **DELTA)
    assert numbers_read(first) == ["1", "2"]
    drop.put(file("3,3"), "orders_0.csv", minutes_ago=70)
    assert numbers_read(drop.read(first.fingerprint, order="time", **DELTA)) == ["3"]


def test_one_name_that_is_written_again_and_again_is_read_each_time(drop):
    drop.put(file("1,1"), "orders.csv", minutes_ago=90)
    first = drop.read(path="orders.csv", **DELTA)
    drop.put(file("2,2"), "orders.csv", minutes_ago=80)
    second = drop.read(first.fingerprint, path="orders.csv", **DELTA)
    assert numbers_read(second) == ["2"]
    drop.put(file("2,2"), "orders.csv", minutes_ago=70)
    with pytest.raises(NothingNew, match="same content"):
        drop.read(second.fingerprint, path="orders.csv", **DELTA)


def test_the_same_content_twice_in_a_row_is_left_out(drop):
    for number, row in ((1, "1,1"), (2, "1,1"), (3, "2,2")):
        drop.put(file(row), f"orders_{number}.csv", minutes_ago=60 - number)
    assert numbers_read(drop.read(**DELTA)) == ["1", "2"]


def test_reading_ends_before_a_file_that_is_still_arriving(drop):
    deliver(drop, 1, 3)
    drop.put(file("2,20"), "orders_2.csv", minutes_ago=0)
    first = drop.read(**DELTA)
    assert numbers_read(first) == ["1"]
    with pytest.raises(NothingNew, match=r"orders_2.csv is still arriving"):
        drop.read(first.fingerprint, **DELTA)


def test_a_gap_in_the_numbers_stops_before_it_and_then_says_what_is_missing(drop):
    deliver(drop, 1, 2, 5)
    first = drop.read(**NUMBERED)
    assert numbers_read(first) == ["1", "2"]
    assert "after number 2 comes orders_5.csv, without numbers 3 to 4" in first.extract.notes[0]
    with pytest.raises(SourceProblem, match="without numbers 3 to 4") as caught:
        drop.read(first.fingerprint, **NUMBERED)
    assert "--full" in caught.value.remedy
    deliver(drop, 3)
    assert numbers_read(drop.read(first.fingerprint, **NUMBERED)) == ["3"]
    deliver(drop, 4)
    assert numbers_read(drop.read(first.fingerprint, **NUMBERED)) == ["3", "4", "5"]


def test_numbers_count_on_even_when_the_content_is_the_same(drop):
    for number in (1, 2, 3):
        drop.put(file("1,1"), f"orders_{number}.csv", minutes_ago=60 - number)
    first = drop.read(**NUMBERED)
    assert numbers_read(first) == ["1", "1", "1"]
    for number in (1, 2, 3):
        (drop.folder / f"orders_{number}.csv").unlink()
    deliver(drop, 4)
    assert numbers_read(drop.read(first.fingerprint, **NUMBERED)) == ["4"]


def test_a_corrected_file_may_have_the_number_of_the_last_one(drop):
    deliver(drop, 1, 2)
    first = drop.read(**NUMBERED)
    drop.put(file("2,99"), "orders_2.csv", minutes_ago=10)
    assert drop.read(first.fingerprint, **NUMBERED).rows == [["2", "99"]]


def test_a_name_without_a_number_stops_a_numbered_stream(drop):
    drop.put(file("1,1"), "orders_new.csv")
    with pytest.raises(SourceProblem, match=r"orders_new.csv has no number"):
        drop.read(**NUMBERED)


def test_a_full_file_begins_anew_and_says_what_is_gone(drop):
    deliver(drop, 1, 2, 4)
    drop.put(file("1,11", "2,22"), "orders_full_3.csv", minutes_ago=58)
    read = drop.read(**FULL)
    assert read.rows == [["1", "11"], ["2", "22"], ["4", "40"]]
    assert read.complete
    assert not read.extract.partial
    deliver(drop, 5)
    second = drop.read(read.fingerprint, **FULL)
    assert (numbers_read(second), second.extract.partial) == (["5"], True)
    drop.put(file("1,12"), "orders_full_6.csv", minutes_ago=5)
    third = drop.read(second.fingerprint, **FULL)
    assert (third.rows, third.extract.partial, third.complete) == ([["1", "12"]], False, True)


def test_a_file_that_came_too_late_is_never_passed_over_in_silence(drop):
    deliver(drop, 1, 3)
    first = drop.read(**DELTA)
    drop.put(file("2,20"), "orders_2.csv", minutes_ago=10)
    with pytest.raises(SourceProblem, match=r"orders_2.csv came after files that follow it") as caught:
        drop.read(first.fingerprint, **DELTA)
    assert "--full" in caught.value.remedy
    again = drop.read(None, **DELTA)
    assert numbers_read(again) == ["1", "2", "3"]
    deliver(drop, 4, age=5)
    assert numbers_read(drop.read(again.fingerprint, **DELTA)) == ["4"]


def test_a_known_file_that_was_only_touched_is_no_late_one(drop):
    deliver(drop, 1, 3)
    first = drop.read(**DELTA)
    drop.put(file("1,10"), "orders_1.csv", minutes_ago=10)
    with pytest.raises(NothingNew):
        drop.read(first.fingerprint, **DELTA)


def test_a_refused_file_stops_the_sequence_but_not_the_files_before_it(drop):
    deliver(drop, 1, 3)
    drop.put("no,net\n2\n", "orders_2.csv", minutes_ago=59)
    first = drop.read(**DELTA)
    assert numbers_read(first) == ["1"]
    assert "Line 2 has 1 values" in first.extract.notes[0]
    with pytest.raises(SourceProblem, match="Line 2 has 1 values"):
        drop.read(first.fingerprint, **DELTA)
    drop.put(file("2,20"), "orders_2.csv", minutes_ago=10)
    assert numbers_read(drop.read(first.fingerprint, **DELTA)) == ["2", "3"]


def test_columns_in_another_order_are_put_in_order(drop):
    deliver(drop, 1)
    drop.put(file("20,2", header="net,no"), "orders_2.csv", minutes_ago=59)
    read = drop.read(**DELTA)
    assert (read.extract.columns, read.rows) == (("no", "net"), [["1", "10"], ["2", "20"]])


def test_other_columns_are_read_by_a_run_of_their_own(drop):
    deliver(drop, 1, 2)
    drop.put(file("3,30,x", header="no,net,new"), "orders_3.csv", minutes_ago=50)
    first = drop.read(**DELTA)
    assert numbers_read(first) == ["1", "2"]
    assert "orders_3.csv has other columns" in first.extract.notes[0]
    second = drop.read(first.fingerprint, **DELTA)
    assert (second.extract.columns, second.rows) == (("no", "net", "new"), [["3", "30", "x"]])


def test_a_missing_line_end_of_one_file_does_not_join_its_last_row_with_the_next(drop):
    drop.put("no,net\n1,10", "orders_1.csv")
    (drop.folder / "orders_1.csv.done").touch()
    deliver(drop, 2)
    assert drop.read(**DELTA).rows == [["1", "10"], ["2", "20"]]


def test_lines_of_a_document_that_comes_again_count_as_of_its_last_file(drop):
    columns = {"order": Column(source=("order",))}
    lines = "order,pos"
    drop.put(file("A,1", "A,2", "B,1", header=lines), "orders_1.csv", minutes_ago=9)
    drop.put(file("A,1", "C,1", header=lines), "orders_2.csv", minutes_ago=8)
    read = drop.read(parent="order", columns=columns, **DELTA)
    assert read.rows == [["B", "1"], ["A", "1"], ["C", "1"]]
    assert read.expected == 3


def test_an_empty_folder_is_a_problem_at_first_and_nothing_new_later(drop):
    with pytest.raises(SourceProblem, match="No file matches"):
        drop.read(**DELTA)
    deliver(drop, 1)
    first = drop.read(**DELTA)
    (drop.folder / "orders_1.csv").unlink()
    with pytest.raises(NothingNew):
        drop.read(first.fingerprint, **DELTA)


def test_deltas_have_no_totals_of_all_rows(drop):
    deliver(drop, 1)
    assert drop.source().totals(drop.stream(**DELTA)) is None
