"""Saved segments that go to Salesforce: who is in them since when, what is pushed, what a withdrawn measure does."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.utils import timezone

from customers import sent_segments
from customers.hidden import hidden_from
from customers.models import Segment, SentSegments
from customers.push_values import need_of, wanted_values
from customers.rules.keeping import Draft, NotKept, may_change, save_change, save_new, set_sent
from customers.rules.shape import read_group
from integration_hub import locks
from integration_hub.config import PushField
from integration_hub.models import Notice
from integration_hub.push.wanted import FieldNeed, Kind
from tests.customers.world import DAY, ago

pytestmark = pytest.mark.django_db
TOMORROW = DAY + timedelta(days=1)
FIELDS = [PushField(field="Names__c", measure="segments"), PushField(field="Since__c", measure="segments_since")]


@pytest.fixture
def analyst() -> User:
    user = User.objects.create_user("iris", first_name="Iris", last_name="Berg")
    user.groups.add(Group.objects.get_or_create(name="Analysts")[0])
    return user


def shared(user: User, name: str, field: str, operator: str, *values: str, sent: bool = True) -> Segment:
    rules = read_group({"all": [{"field": field, "is": operator, "values": list(values)}]})
    segment = save_new(user, Draft(name, "", True, rules), timezone.now())
    return set_sent(segment, user, timezone.now(), sent=True) if sent else segment


def renamed(segment: Segment, user: User, name: str, **changed: Any) -> Segment:
    draft = Draft(name, segment.description, changed.get("shared", True), read_group(segment.rules))
    return save_change(segment, user, draft, timezone.now(), segment.version)


def pushed() -> Mapping[str, tuple[str | None, date | None]]:
    wanted = wanted_values(FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(wanted.query, wanted.parameters)
        return {account: (names, since) for account, names, since in cursor.fetchall()}


def test_accounts_carry_the_names_of_their_segments_and_the_day_since(figures, analyst) -> None:
    acme, quiet, prospect = figures.linked(), figures.linked("Quiet", "200"), figures.account("Prospect")
    figures.order(acme, "10", ago(20))
    figures.item(acme, "2500", ago(60), ago(30))
    figures.roll_up(ago(1))
    shared(analyst, "with orders", "order_count", "at_least", "1")
    late = shared(analyst, "Late", "overdue_amount", "more_than", "1000")
    shared(analyst, "Only looked at", "order_count", "at_least", "1", sent=False)
    shared(analyst, "Prospects", "is_prospect", "yes")
    assert pushed() == {
        figures.of(acme).account: (None, None),
        figures.of(quiet).account: (None, None),
        prospect.key: (None, None),
    }
    assert sent_segments.keep_now()
    assert pushed() == {
        figures.of(acme).account: ("Late; with orders", ago(1)),
        figures.of(quiet).account: (None, None),
        prospect.key: ("Prospects", ago(1)),
    }
    figures.publish(as_of=DAY)
    assert pushed()[figures.of(acme).account] == ("Late; with orders", ago(1))
    # A publish looks at the customers it touched, and finds those that join and those that leave.
    figures.order(quiet, "10", DAY)
    figures.publish(customers=[quiet])
    assert pushed()[figures.of(quiet).account] == ("with orders", DAY)
    figures.order(quiet, "5", DAY)
    figures.publish(customers=[quiet])
    assert pushed()[figures.of(quiet).account] == ("with orders", DAY)
    # Another name is another combination; who is not in the segment keeps its day.
    renamed(late, analyst, "Pays late")
    figures.publish(as_of=TOMORROW)
    assert pushed()[figures.of(acme).account] == ("Pays late; with orders", TOMORROW)
    assert pushed()[figures.of(quiet).account] == ("with orders", DAY)
    assert SentSegments.objects.get(customer=figures.of(acme)).before == "Late; with orders"
    # A name that comes back on the same day never left.
    renamed(Segment.objects.get(pk=late.pk), analyst, "Late")
    figures.publish(customers=[], as_of=TOMORROW)
    assert pushed()[figures.of(acme).account] == ("Late; with orders", ago(1))


def test_what_is_not_sent_any_more_leaves_salesforce(figures, analyst) -> None:
    acme = figures.linked()
    figures.roll_up()
    one = shared(analyst, "One", "order_count", "at_most", "10")
    two = shared(analyst, "Two", "order_count", "at_most", "10")
    three = shared(analyst, "Three", "order_count", "at_most", "10")
    figures.publish(customers=[])
    account = figures.of(acme).account
    assert pushed()[account] == ("One; Three; Two", DAY)
    assert set_sent(one, analyst, timezone.now(), sent=False).version == 3
    two.delete()
    assert not renamed(three, analyst, "Three", shared=False).sent
    figures.publish(customers=[])
    assert pushed()[account] == (None, None)


def test_a_withdrawn_measure_keeps_who_was_in_and_says_so(figures, analyst) -> None:
    acme, quiet = figures.linked(), figures.linked("Quiet", "200")
    figures.order(acme, "10", ago(20))
    figures.roll_up()
    segment = shared(analyst, "Ordered", "order_count", "at_least", "1")
    figures.publish(customers=[])
    Segment.objects.filter(pk=segment.pk).update(
        rules={"all": [{"field": "was_withdrawn", "is": "at_least", "values": ["1"]}]}
    )
    figures.order(quiet, "10", ago(1))
    figures.publish(customers=[acme, quiet])
    assert pushed()[figures.of(acme).account] == ("Ordered", DAY)
    assert pushed()[figures.of(quiet).account] == (None, None)
    notice = Notice.objects.get(subject="segments", cleared_at=None)
    assert "“Ordered” is sent to Salesforce, but its rules cannot be used: Rule 1 names “was_withdrawn”" in notice.text
    Segment.objects.filter(pk=segment.pk).update(rules=segment.rules)
    figures.publish(customers=[])
    assert pushed()[figures.of(quiet).account] == ("Ordered", DAY)
    assert not Notice.objects.filter(subject="segments", cleared_at=None).exists()


def test_names_must_tell_segments_apart_and_only_shared_ones_go(figures, analyst) -> None:
    figures.roll_up()
    shared(analyst, "Key", "order_count", "at_least", "1")
    other = User.objects.create_user("otto")
    twin = shared(other, "key", "order_count", "at_least", "2", sent=False)
    with pytest.raises(NotKept, match="Iris Berg has a segment “Key” that is sent already"):
        set_sent(twin, analyst, timezone.now(), sent=True)
    with pytest.raises(NotKept, match="semicolon"):
        shared(analyst, "A; B", "order_count", "at_least", "1")
    private = Segment.objects.get(pk=twin.pk)
    Segment.objects.filter(pk=twin.pk).update(shared=False)
    with pytest.raises(NotKept, match="shared"):
        set_sent(private, analyst, timezone.now(), sent=True)
    assert [each.sent for each in Segment.objects.filter(pk=twin.pk)] == [False]
    # An account manager does not change what goes to Salesforce, not even an own one.
    Segment.objects.filter(pk=twin.pk).update(shared=True, sent=True)
    assert not may_change(other, Segment.objects.get(pk=twin.pk))


def test_fields_take_any_text_and_hidden_figures_take_them_away(settings, tmp_path) -> None:
    assert need_of("segments") == FieldNeed(Kind.TEXT)
    assert need_of("segments_since") == FieldNeed(Kind.DATE)
    path = tmp_path / "hub.toml"
    path.write_text(
        'sources = []\n[company]\nname = "T"\nreporting_currency = "EUR"\ntime_zone = "UTC"\n'
        '[access.hidden]\ndays_to_pay = ["account_manager"]\n'
    )
    settings.HUB_CONFIG = str(path)
    assert {"segments", "segments_since"} <= hidden_from("account_manager")
    assert hidden_from("analyst") == frozenset()


def test_while_figures_are_computed_nothing_is_sorted(figures, analyst, monkeypatch) -> None:
    figures.linked()
    figures.roll_up()
    shared(analyst, "All", "order_count", "at_most", "10")
    monkeypatch.setattr(locks, "try_lock", lambda _name: False)
    assert not sent_segments.keep_now()
    assert not SentSegments.objects.exists()
    figures.publish(customers=[])
    assert SentSegments.objects.get().names == "All"
