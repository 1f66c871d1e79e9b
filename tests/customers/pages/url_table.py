"""Which role gets which URL of the whole project: one row per URL name. A new URL needs a row, or the test fails.

To add one: say which kind it is of, and what its arguments are where ARGUMENTS has none for them. The pages of one
customer are asked for Kestrel: Ana owns it, Hanna is above her, Tia is in its team, Dora stands in for Ana; Ben owns
something else, and Uwe is an account manager whom Salesforce does not know.
"""

from collections.abc import Mapping

ROLES = ("visitor", "owner", "team", "manager", "deputy", "outsider", "untied", "analyst", "administrator")
LOGIN = 302
Row = tuple[int, ...]

PUBLIC: Row = (200,) * 9
EVERYBODY: Row = (LOGIN, *(200,) * 8)
#                  visitor owner team manager deputy outsider untied analyst administrator
CUSTOMER: Row = (LOGIN, 200, 200, 200, 200, 404, 404, 200, 200)
TO_CUSTOMER: Row = (LOGIN, 302, 302, 302, 302, 404, 404, 302, 302)
VIEW_LOG: Row = (LOGIN, 200, 404, 200, 404, 404, 404, 404, 200)
ANALYSTS: Row = (LOGIN, 404, 404, 404, 404, 404, 404, 200, 200)
EXPORT: Row = (LOGIN, 403, 403, 403, 403, 403, 403, 200, 200)
ADMINISTRATORS: Row = (LOGIN, 404, 404, 404, 404, 404, 404, 404, 200)
# No such run, plan or stream: what administrators get is tested where there is one.
NONE_THERE: Row = (LOGIN, 404, 404, 404, 404, 404, 404, 404, 404)
# Switched off in hub.toml, for everybody alike.
SWITCHED_OFF: Row = (404,) * 9
# Buttons: looking at their address shows nothing to anybody.
BUTTON: Row = (LOGIN, *(405,) * 8)

TABLE: Mapping[str, Row] = {
    "login": (200, *(302,) * 8),
    "logout": BUTTON,
    "sign_on": SWITCHED_OFF,
    "sign_on_back": SWITCHED_OFF,
    "healthz": PUBLIC,
    # Nothing of the small company was synced, so it is not ready.
    "readyz": (503,) * 9,
    "metrics": PUBLIC,
    # customers
    "customers:home": EVERYBODY,
    "customers:attention": EVERYBODY,
    "customers:book_figure": EVERYBODY,
    "customers:changes": EVERYBODY,
    "customers:save_view": BUTTON,
    "customers:change_view": BUTTON,
    "customers:columns": BUTTON,
    "customers:search": EVERYBODY,
    "customers:list": EVERYBODY,
    "customers:by_salesforce_id": TO_CUSTOMER,
    "customers:canvas": SWITCHED_OFF,
    "customers:detail": CUSTOMER,
    "customers:orders": CUSTOMER,
    "customers:deliveries": CUSTOMER,
    "customers:invoices": CUSTOMER,
    "customers:payments": CUSTOMER,
    "customers:opportunities": CUSTOMER,
    "customers:contacts": CUSTOMER,
    "customers:erp_customers": CUSTOMER,
    "customers:products": CUSTOMER,
    "customers:product": CUSTOMER,
    "customers:timeline": CUSTOMER,
    "customers:open_items": CUSTOMER,
    "customers:settlements": CUSTOMER,
    "customers:statement": CUSTOMER,
    "customers:statement_file": CUSTOMER,
    "customers:pre_call": CUSTOMER,
    "customers:views": VIEW_LOG,
    "customers:figure": CUSTOMER,
    "customers:not_converted": CUSTOMER,
    "customers:order": CUSTOMER,
    "customers:delivery": CUSTOMER,
    "customers:invoice": CUSTOMER,
    "customers:payment": CUSTOMER,
    "customers:handover": EVERYBODY,
    "customers:handover_deal": CUSTOMER,
    # Too small to need an opportunity: its own page is all there is.
    "customers:handover_order": TO_CUSTOMER,
    "customers:handover_decision": BUTTON,
    "customers:handover_sale": CUSTOMER,
    "customers:handover_sale_decision": BUTTON,
    "customers:handover_note": BUTTON,
    "customers:links": ANALYSTS,
    "customers:link_decisions": ANALYSTS,
    "customers:link_bulk": ANALYSTS,
    "customers:link_quality": ANALYSTS,
    "customers:link_case": ANALYSTS,
    "customers:link_share": ANALYSTS,
    "customers:undo_link_decision": BUTTON,
    "customers:differences": EVERYBODY,
    "customers:differences_act": BUTTON,
    "customers:difference": NONE_THERE,
    "customers:masters": EVERYBODY,
    "customers:deputies": EVERYBODY,
    "customers:end_deputy": BUTTON,
    # reports
    "reports:index": EVERYBODY,
    "reports:segmentation": EVERYBODY,
    "reports:chart": EVERYBODY,
    "reports:export": EXPORT,
    "reports:exports": EXPORT,
    "reports:exports_told": BUTTON,
    "reports:check": EXPORT,
    "reports:schedules": EXPORT,
    "reports:change_schedule": BUTTON,
    "reports:export_job": NONE_THERE,
    "reports:export_state": NONE_THERE,
    "reports:export_file": NONE_THERE,
    "reports:export_about": NONE_THERE,
    "reports:figure": EVERYBODY,
    "reports:report": EVERYBODY,
    "reports:rfm_scales": EVERYBODY,
    "reports:rfm_calibrate": ANALYSTS,
    # segments: nobody's, as there is none; who sees which is tested where there are some
    "segments:index": EVERYBODY,
    "segments:new": EVERYBODY,
    "segments:members": NONE_THERE,
    "segments:edit": NONE_THERE,
    "segments:delete": BUTTON,
    "segments:versions": NONE_THERE,
    "segments:restore": BUTTON,
    "segments:send": BUTTON,
    "segments:why": NONE_THERE,
    # administration
    "status": EVERYBODY,
    "runs": ADMINISTRATORS,
    "sync_now": BUTTON,
    "schedule": ADMINISTRATORS,
    "schedule_item": NONE_THERE,
    "schedule_pause": BUTTON,
    "schedule_resume": BUTTON,
    "schedule_run": BUTTON,
    # Only ERPs send there, and what they sign; looking at it shows nothing, signed in or not.
    "hook": (405,) * 9,
    "run": NONE_THERE,
    "run_rejected": NONE_THERE,
    "run_rows": NONE_THERE,
    "run_stream": NONE_THERE,
    "run_state": NONE_THERE,
    "run_replay": BUTTON,
    "plans": ADMINISTRATORS,
    "push_now": BUTTON,
    "push_stop": BUTTON,
    "push_resume": BUTTON,
    "parked": ADMINISTRATORS,
    "parked_act": BUTTON,
    "parked_retry": ADMINISTRATORS,
    "parked_cause": NONE_THERE,
    "drift": ADMINISTRATORS,
    "drift_decide": BUTTON,
    "drift_check": BUTTON,
    "drift_csv": ADMINISTRATORS,
    "plan": NONE_THERE,
    "plan_approve": NONE_THERE,
    "plan_undo": NONE_THERE,
    "plan_again": BUTTON,
    "plan_csv": NONE_THERE,
    "quota": ADMINISTRATORS,
    "sources": ADMINISTRATORS,
    "reconciliation": ANALYSTS,
    "reconciliation_stream": ANALYSTS,
    "reconciliation_group": NONE_THERE,
    "alerts": ADMINISTRATORS,
    "alert_acknowledge": BUTTON,
    "alerts_test": BUTTON,
    "audit": ADMINISTRATORS,
    "audit_mine": EVERYBODY,
    "audit_verify": BUTTON,
    "audit_csv": ADMINISTRATORS,
    "checks": ADMINISTRATORS,
    "salesforce": ADMINISTRATORS,
    "salesforce_check": BUTTON,
}
# What everybody who is signed in may send, and what Salesforce or an ERP signs; all else that is sent by somebody
# without the right is refused.
MAY_SEND = {
    "login",
    "logout",
    "customers:canvas",
    "hook",
    "reports:export",
    "reports:check",
    "reports:exports_told",
    "reports:schedules",
    "customers:differences_act",
    "customers:deputies",
    "customers:end_deputy",
    "customers:save_view",
    "customers:change_view",
    "customers:columns",
    "segments:new",
}

# What analysts may send beside; an incomplete form is refused with 400, to everybody else it does not exist.
ANALYSTS_MAY_SEND = {"reports:rfm_calibrate", "customers:link_bulk", "customers:link_case", "customers:link_share"}

KEYS = {"order": "erp:SO-1", "delivery": "erp:D-1", "invoice": "erp:F-1", "payment": "erp:P-1"}
ARGUMENTS: Mapping[str, object] = {
    "measure": "overdue_amount",
    "name": "segmentation",
    "kind": "csv",
    "stream": "erp.orders",
    "source": "erp",
    "number": 1,
    "segment": 987654321,
    "customer": 987654321,
    "queue_index": 0,
    "job_id": "x",
    "cause": "rule",
    "erp_customer": "erp:100009",
    "decision": 987654321,
    "difference": 987654321,
    "category": "Seal kit, hydraulic",
    "deal": "006Dn00000AbCdEIAV",
    "order": "erp:SO-1",
    "sale": "801Dn00000AbCdEIAV",
}
