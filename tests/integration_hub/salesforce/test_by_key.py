"""A trigger of the org rings for records: they are read by their Id, and nothing else is asked of Salesforce."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integration_hub import jobs
from integration_hub.config import SALESFORCE_OBJECTS, ConfigurationError, read_hub
from integration_hub.models import Run, RunKind, RunStatus, SfAccount, SfOpportunity, StreamState
from integration_hub.salesforce.objects import BY_NAME
from integration_hub.timing import bell
from integration_hub.timing.due import due_for, request_due
from integration_hub.timing.items import find
from tests.practice_org import PracticeOrg

SECRET = "s3cret-" + "x" * 40
Sync = Callable[..., Run]


def ring(*documents: tuple[str, str]) -> Any:
    body = json.dumps({"documents": [{"stream": stream, "key": key} for stream, key in documents]}).encode()
    stamp = str(int(timezone.now().timestamp()))
    headers = {bell.TIMESTAMP: stamp, bell.SIGNATURE: bell.sign(SECRET, stamp, body)}
    url = reverse("hook", args=["salesforce"])
    return Client().post(url, body, content_type="application/json", headers=headers)


def test_a_record_is_read_by_its_id_in_few_requests(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_BELL", SECRET)
    sync(webhook_secret="${SF_BELL}")
    states = list(StreamState.objects.order_by("pk").values("pk", "cursor", "as_of", "full_as_of"))
    for name in ("champion", "quiet"):
        practice_org.seed("Account", {"Id": company[name], "Industry": "Steel"})
    gone = "001000000000009AAA"
    answer = ring(("Account", company["champion"][:15]), ("Account", gone))
    assert answer.status_code == 202, answer.content
    told = json.loads(answer.content)
    assert (told["documents"], told["by_key"], told["streams"]) == (2, 2, [])
    practice_org.forget_calls()
    jobs.execute(told["run"])
    run = Run.objects.get(pk=told["run"])
    assert run.status == RunStatus.SUCCEEDED, run.problem
    asked = [call["path"] for call in practice_org.calls() if "query" in call["path"]]
    assert len(asked) == 1, asked
    assert SfAccount.objects.get(key=company["champion"]).industry == "Steel"
    assert SfAccount.objects.get(key=company["quiet"]).industry != "Steel"
    assert list(StreamState.objects.order_by("pk").values("pk", "cursor", "as_of", "full_as_of")) == states
    (stream,) = run.streams.all()
    assert (stream.stream, stream.mode, stream.read, stream.updated) == ("salesforce.Account", "by key", 1, 1)
    assert "2 documents were asked for by key; 1 is not there" in stream.note


def test_what_is_no_id_is_refused_and_without_a_secret_there_is_no_bell(
    sync: Sync, company: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_BELL", SECRET)
    sync()
    assert ring(("Account", company["champion"])).status_code == 404
    sync(webhook_secret="${SF_BELL}")
    for key in ("4711", "001' OR Name != '", company["champion"][:15] + "ZZZ"):
        assert ring(("Account", key)).status_code == 400, key
    assert ring(("Lead", company["champion"])).status_code == 400
    monkeypatch.setenv("SF_BELL", "short")
    with pytest.raises(ConfigurationError, match=r"webhook_secret.*shorter than 24"):
        read_hub(Path(settings.HUB_CONFIG))


def test_objects_may_have_times_of_their_own(
    sync: Sync, company: dict[str, str], practice_org: PracticeOrg, configure: Any
) -> None:
    assert set(BY_NAME) == set(SALESFORCE_OBJECTS)
    run = sync(**{"times.Opportunity": "5 minutes", "times.UserRole": "day at 05:00"})
    assert run.status == RunStatus.SUCCEEDED, run.problem
    opportunity, role = find("sync salesforce.Opportunity"), find("sync salesforce.UserRole")
    assert opportunity is not None
    assert role is not None
    assert (opportunity.words, role.words) == ("every 5 minutes", "every day at 05:00")
    Run.objects.update(started_at=timezone.now() - timedelta(minutes=6))
    now = timezone.now()
    assert due_for(opportunity, now) is not None
    assert request_due(now) == ["sync salesforce: Opportunity"]
    due = Run.objects.get(status=RunStatus.QUEUED, kind=RunKind.SYNC)
    assert due.options == {"streams": ["Opportunity"]}
    practice_org.forget_calls()
    jobs.execute(due.pk)
    due.refresh_from_db()
    assert due.status == RunStatus.SUCCEEDED, due.problem
    assert [each.stream for each in due.streams.all()] == ["salesforce.Opportunity"]
    assert SfOpportunity.objects.exists()
    with pytest.raises(ConfigurationError, match="no object that is read from Salesforce"):
        sync(**{"times.Lead": "5 minutes"})
