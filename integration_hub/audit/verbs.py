"""The verbs of the audit in words. One that is missing here is shown as it is written."""

from integration_hub.models import RunKind

WORDS = {
    "login.ok": "Signed in",
    "login.failed": "Sign-in refused",
    "logout.ok": "Signed out",
    "login.created": "Login made",
    "login.changed": "Login changed",
    "login.deleted": "Login removed",
    "login.tied": "Login tied to a Salesforce user",
    "rights.given": "Right given",
    "rights.taken": "Right taken",
    "deputy.appointed": "Deputy appointed",
    "deputy.ended": "Deputy ended",
    "access.refused": "Page refused",
    "canvas.refused": "Page in Salesforce refused",
    "export.requested": "Export requested",
    "export.downloaded": "Export downloaded",
    "export_schedule.created": "Scheduled export made",
    "export_schedule.paused": "Scheduled export paused",
    "export_schedule.resumed": "Scheduled export resumed",
    "export_schedule.deleted": "Scheduled export deleted",
    "segment.saved": "Segment saved",
    "segment.deleted": "Segment deleted",
    "segment.sent": "Segment sent to Salesforce",
    "segment.not_sent": "Segment no longer sent",
    "link.decided": "Link decided",
    "link.decided_many": "Links decided at once",
    "link.undone": "Link decisions taken back",
    "push.stopped": "Pushes stopped",
    "push.resumed": "Pushes resumed",
    "hand_edit.restore": "Hand edit put back",
    "hand_edit.accept": "Hand edit accepted",
    "parked.retried": "Parked accounts tried again",
    "configuration.known": "Configuration first seen",
    "configuration.changed": "Configuration changed",
    "alert.acknowledged": "Alert acknowledged",
    "alert.tested": "Test message sent",
    "audit.verified": "Audit verified",
    "audit.exported": "Audit exported",
    "audit.pruned": "Audit pruned",
}
WORDS |= {f"{kind.value}.requested": f"{kind.label.removesuffix(' of')} requested" for kind in RunKind}


def words(what: str) -> str:
    """A verb for people."""
    return WORDS.get(what, what)
