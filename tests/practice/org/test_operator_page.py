"""The pages for an operator: what they show, what their forms do, and that they need no script."""

import re
from html import unescape

import pytest
import requests

from integration_hub.practice.org.faults import KNOWN
from integration_hub.practice.org.pages.drills import themes


class Browser:
    """Reads pages and sends forms as a browser without scripts does."""

    def __init__(self, org):
        self.org = org

    def get(self, path="", status=200):
        answer = requests.get(f"{self.org.url}/practice/{path}", headers={"Accept": "text/html"}, timeout=10)
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, action, **fields):
        """Send a form; the page one lands on."""
        headers = {"Accept": "text/html", "Origin": self.org.url}
        return requests.post(f"{self.org.url}/practice/{action}", data=fields, headers=headers, timeout=10)


@pytest.fixture
def browser(practice_org):
    return Browser(practice_org)


def words(html):
    """The text of a page, spaces made single."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_overview_counts_records_and_shows_what_is_on_and_was_called(browser):
    browser.org.seed("Account", {"Name": "A"}, {"Name": "B", "IsDeleted": True})
    browser.org.fault("hang", seconds=1, path="<limits>", count=3)
    requests.get(f"{browser.org.url}/services/data/v62.0/query?q=<x>", timeout=10)
    text = words(browser.get())
    assert "Account 1 1" in text
    assert "hang struck 0 of at most 3, only <limits>, seconds 1 Turn hang off" in text
    assert "GET /services/data/v62.0/query?q=%3Cx%3E 401" in text


def test_every_switch_has_its_form_and_says_what_customer_360_then_shows(browser):
    listed = [drill for theme in themes() for drill in theme.drills]
    assert sorted(drill.fault for drill in listed) == sorted(KNOWN)
    text = browser.get()
    for drill in listed:
        assert f'name="fault" value="{drill.fault}"' in text
        assert drill.shows.endswith(".")


def test_a_switch_is_turned_on_by_its_form_and_off_by_its_button(browser):
    landed = browser.send("faults", fault="status_429", count="", path="", probability="", seed="", after="", method="")
    assert "The switch is on." in landed.text
    assert "Turn status_429 off" in words(landed.text)
    assert "struck 0" in landed.text
    landed = browser.send("clear_faults", fault="status_429")
    assert "Nothing is switched on" in landed.text


def test_an_option_of_a_form_reaches_the_rows(browser, api):
    first, second = browser.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    browser.send("faults", fault="lock_rows", count="1", share="", ids=f"{first}, ")
    results = api.update({"id": first, "Phone": "1"}, {"id": second, "Phone": "1"}).json()
    assert [each["success"] for each in results] == [False, True]


def test_records_are_listed_newest_first_in_pages_and_found_by_any_value(browser):
    browser.org.admin("generate", {"sobject": "Account", "count": 60, "seed": 1})
    browser.org.seed("Account", {"Name": "Needle & Sons", "Phone": "7-77"})
    first = browser.get("objects/Account")
    assert first.count('<th scope="row">') == 50
    assert "Needle &amp; Sons" in first
    assert "Next page" in first
    second = browser.get("objects/Account?page=2")
    assert second.count('<th scope="row">') == 11
    assert "Previous page" in second
    found = browser.get("objects/Account?q=7-7%37")
    assert found.count('<th scope="row">') == 1
    assert "Needle &amp; Sons" in found
    assert "No record fits." in browser.get("objects/Account?q=nothing-like-it")


def test_a_record_shows_every_field_and_links_to_what_it_refers_to(browser):
    parent, child = browser.org.seed("Account", {"Name": "Top"}, {"Name": "<b>Low</b>", "AnnualRevenue": "1234567"})
    browser.org.seed("Account", {"Id": child, "ParentId": parent})
    page = browser.get(f"objects/Account/{child}")
    assert "&lt;b&gt;Low&lt;/b&gt;" in page
    assert "<b>Low" not in page
    assert f'<a href="/practice/objects/Account/{parent}">Top</a>' in page
    assert "Annual Revenue AnnualRevenue 1,234,567" in words(page)


def test_a_record_is_deleted_brought_back_and_deleted_for_good_by_its_buttons(browser):
    (account,) = browser.org.seed("Account", {"Name": "A"})
    here = f"/practice/objects/Account/{account}"
    landed = browser.send("delete", sobject="Account", ids=account, next=here)
    assert landed.url.endswith(here)
    assert "Undelete" in landed.text
    landed = browser.send("undelete", sobject="Account", ids=account, next=here)
    assert "Undelete" not in landed.text
    browser.send("hard_delete", sobject="Account", ids=account, next="/practice/objects/Account")
    assert browser.org.records("Account") == []
    browser.get(f"objects/Account/{account}", status=404)


def test_a_field_is_edited_by_hand_and_hidden_by_form(browser, api):
    (account,) = browser.org.seed("Account", {"Name": "A"})
    browser.send("edit", sobject="Account", id=account, field="Phone", value="9", user="carol@x.example")
    assert api.rows("SELECT Phone, LastModifiedBy.Name FROM Account")[0]["Phone"] == "9"
    browser.send("field_access", sobject="Account", field="Phone", readable="false", editable="false")
    assert api.query("SELECT Phone FROM Account").status_code == 400
    browser.send("field_access", sobject="Account", field="Phone", readable="true", editable="true")
    assert api.query("SELECT Phone FROM Account").status_code == 200


def test_deeds_are_done_by_form(browser, api):
    winner, loser = browser.org.seed("Account", {"Name": "A"}, {"Name": "B"})
    assert "were merged" in browser.send("merge", sobject="Account", winner=winner, loser=loser).text
    assert "recycle bin is empty" in browser.send("purge_bin", sobject="Account").text
    browser.send("usage", used="80000", max="100000")
    assert api.get("limits").headers["Sforce-Limit-Info"] == "api-usage=80001/100000"
    rule = {"field": "Phone", "operator": "filled", "value": "", "message": "No phones."}
    assert "Drop Rule_1" in words(browser.send("validation_rules", sobject="Account", **rule).text)
    assert api.update({"id": winner, "Phone": "1"}).json()[0]["errors"][0]["message"] == "No phones."
    browser.send("track_history", sobject="Account", fields="Fax, Website")
    api.update({"id": winner, "Fax": "1"})
    assert api.rows("SELECT Field FROM AccountHistory") == [{"Field": "Fax"}]
    assert "every session has ended" in browser.send("refresh_org").text
    assert api.get("limits").status_code == 401


def test_a_form_that_makes_no_sense_is_answered_with_a_page_that_says_why(browser):
    answer = browser.send("merge", sobject="Account", winner="x", loser="y")
    assert answer.status_code == 400
    assert "That did not work Account ID: id value of incorrect type: x Nothing was changed." in words(answer.text)
    assert "no object" not in browser.get("objects/Nothing", status=404)


def test_a_form_leads_only_to_pages_of_this_org(browser):
    headers = {"Accept": "text/html", "Origin": browser.org.url}
    answer = requests.post(
        f"{browser.org.url}/practice/expire_sessions",
        data={"next": "//elsewhere.example/practice/objects/"},
        headers=headers,
        allow_redirects=False,
        timeout=10,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/practice/?done=expire_sessions")


@pytest.mark.parametrize("path", ["", "objects/User", "objects/Organization"])
def test_no_page_needs_a_script_or_carries_a_style_and_the_policy_forbids_both(browser, path):
    answer = requests.get(f"{browser.org.url}/practice/{path}", timeout=10)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert (
        requests.get(f"{browser.org.url}/practice/style.css", timeout=10).headers["Content-Type"].startswith("text/css")
    )


def test_every_input_has_a_label_of_its_own(browser):
    text = browser.get()
    ids = re.findall(r'<(?:input|select) id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) > 100
    assert set(re.findall(r'<label for="([^"]+)"', text)) == set(ids)
