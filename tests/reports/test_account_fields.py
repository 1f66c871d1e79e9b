"""A mirrored account field narrows a report: the same on the page, in its totals, in files and in the command."""

import csv
import io
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from integration_hub.models import SfAccount
from reports.catalogue import get_report
from reports.parameters import BadParameter
from tests.customers.pages.conftest import Cast, World
from tests.customers.pages.mirrored import mirrored
from tests.customers.pages.world import AS_OF, KESTREL
from tests.reports.asked import answer_of, question_of

__all__ = ["mirrored"]
HIGH = "field=Risk_Class__c%3DHigh"


def names_in(text: str) -> list[str]:
    """The customers of a CSV export, in order, without its totals."""
    return [line[0] for line in list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:-1]]


def shown(client: Client, query: str, report: str = "segmentation") -> list[str]:
    """The customers of the page's list, in order."""
    page = client.get(f"/reports/{report}/?{query}").content.decode()
    return [unescape(name) for name in re.findall(r'<a class="id" href="/customers/\d+/">([^<]+)</a>', page)]


def exported(client: Client, query: str, report: str = "segmentation") -> list[str]:
    answer = client.get(f"/reports/{report}/export/csv/?{query}")
    assert answer.status_code == 200, answer.content
    return names_in(b"".join(answer.streaming_content).decode())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Risk_Class__c=High", {"Kestrel Marine Engineering B.V.", "Prospect & Sons"}),
        ("Risk_Class__c=Low & slow", {"Keston Agri Ltd"}),
        ("Rating=007", {"Kestrel Marine Engineering B.V."}),
        ("Rating=", {"Keston Agri Ltd", "Prospect & Sons"}),
        ("Rating=7", set()),
    ],
)
def test_page_file_and_command_hold_the_same_customers(
    mirrored: World, cast: Cast, value: str, found: set[str], tmp_path: Path
) -> None:
    query = urlencode({"field": value})
    assert set(exported(cast.analyst, query)) == found
    assert shown(cast.analyst, query) == exported(cast.analyst, query)
    output = tmp_path / "out.csv"
    call_command(
        "export", "segmentation", "--as-of", AS_OF.isoformat(), "--filter", f"field={value}", "--output", str(output)
    )
    assert names_in(output.read_text(encoding="utf-8")) == exported(cast.analyst, query)


def test_segments_and_their_sum_are_those_of_the_field(mirrored: World, cast: Cast) -> None:
    overview = cast.analyst.get(f"/reports/segmentation/?{HIGH}").context["page"].overview
    assert overview.foot[0].value == 2 == sum(row.figures[0].value for row in overview.rows)
    assert all("field=Risk_Class__c%3DHigh" in row.url for row in overview.rows)
    chart = cast.analyst.get(f"/reports/segmentation/chart/0.json?{HIGH}")
    assert chart.status_code == 200
    assert chart.content != cast.analyst.get("/reports/segmentation/chart/0.json").content


def test_the_question_reads_back_from_its_own_url(mirrored: World) -> None:
    given = {"field": "Risk_Class__c=Low & slow", "revenue": "small"}
    assert dict(parse_qsl(get_report("segmentation").query(question_of("segmentation", **given)))) == given


def test_the_file_says_the_filter_in_words(mirrored: World) -> None:
    assert "Risk class (finance): High" in answer_of("segmentation", field="Risk_Class__c=High").words
    assert "Rating: not filled" in answer_of("segmentation", field="Rating=").words


def test_one_sees_only_ones_own_customers_and_only_values_of_theirs(mirrored: World, cast: Cast) -> None:
    assert shown(cast.outsider, HIGH) == []
    page = cast.outsider.get("/reports/segmentation/").content.decode()
    assert "Low &amp; slow (1)" in page
    assert "High (" not in page
    assert "High (2)" in cast.owner.get("/reports/segmentation/").content.decode()


def test_a_value_that_occurs_no_more_stays_chosen(mirrored: World, cast: Cast) -> None:
    page = cast.analyst.get("/reports/segmentation/?field=Risk_Class__c%3DGone").content.decode()
    assert '<option value="Risk_Class__c=Gone" selected>' in page


@pytest.mark.parametrize("text", ["Owner=x", "Risk_Class__c", "=High", "risk_class__c=High"])
def test_a_field_that_is_not_mirrored_is_refused_by_name(mirrored: World, cast: Cast, text: str) -> None:
    with pytest.raises(BadParameter, match="there are: Risk_Class__c, acme__Score__c, Renewal__c, Rating"):
        question_of("segmentation", field=text)
    answer = cast.analyst.get("/reports/segmentation/", {"field": text})
    assert (answer.status_code, "is no mirrored account field" in answer.content.decode()) == (400, True)
    assert cast.analyst.get("/reports/segmentation/export/csv/", {"field": text}).status_code == 400
    with pytest.raises(CommandError, match="no mirrored account field"):
        call_command("export", "segmentation", "--as-of", AS_OF.isoformat(), "--filter", f"field={text}")


def test_plain_lists_are_narrowed_as_well(mirrored: World, cast: Cast) -> None:
    names = ["Kestrel Marine Engineering B.V.", "Prospect & Sons"]
    assert exported(cast.analyst, HIGH, "orders") == names
    assert shown(cast.analyst, HIGH, "orders") == names
    answer = cast.analyst.get("/reports/orders/?field=Owner%3Dx")
    assert "This selection was not used" in answer.content.decode()


def test_a_deleted_account_has_no_value(mirrored: World, cast: Cast) -> None:
    SfAccount.objects.filter(key=KESTREL).update(deleted_at="2026-11-23T00:00:00Z")
    assert exported(cast.analyst, HIGH) == ["Prospect & Sons"]
