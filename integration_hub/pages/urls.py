"""Addresses of sign-in, health and the administrator's pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from integration_hub.pages import (
    approval,
    checks,
    drift,
    health,
    metrics,
    parked,
    pushes,
    quota,
    reconciliation,
    runs,
    salesforce,
    sending_again,
    sources,
    switching,
    undoing,
)
from integration_hub.sign_on import views
from integration_hub.sign_on.passwords import SignInView

urlpatterns = [
    path("login/", SignInView.as_view(redirect_authenticated_user=True), name="login"),
    path("sign-on/", views.begin, name="sign_on"),
    path("sign-on/back/", views.back, name="sign_on_back"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("runs/", runs.runs, name="runs"),
    path("runs/sync/", runs.sync_now, name="sync_now"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/rejected/", runs.rejected, name="run_rejected"),
    path("runs/<int:pk>/rows/<str:stream>/<str:kind>/", runs.rows, name="run_rows"),
    path("pushes/", pushes.plans, name="plans"),
    path("pushes/new/", pushes.push_now, name="push_now"),
    path("pushes/stop/", switching.stop, name="push_stop"),
    path("pushes/resume/", switching.resume, name="push_resume"),
    path("pushes/parked/", parked.parked, name="parked"),
    path("pushes/parked/act/", parked.act, name="parked_act"),
    path("pushes/parked/retry/", parked.retry, name="parked_retry"),
    path("pushes/parked/cause/<str:cause>/", parked.cause, name="parked_cause"),
    path("pushes/drift/", drift.drift, name="drift"),
    path("pushes/drift/decide/", drift.decide, name="drift_decide"),
    path("pushes/drift/check/", drift.check_now, name="drift_check"),
    path("pushes/drift/records.csv", drift.drift_csv, name="drift_csv"),
    path("pushes/<int:pk>/", pushes.plan, name="plan"),
    path("pushes/<int:pk>/approve/", approval.approve, name="plan_approve"),
    path("pushes/<int:pk>/undo/", undoing.undo, name="plan_undo"),
    path("pushes/<int:pk>/again/", sending_again.send_again, name="plan_again"),
    path("pushes/<int:pk>/changes.csv", pushes.changes_csv, name="plan_csv"),
    path("salesforce/quota/", quota.quota, name="quota"),
    path("sources/", sources.sources, name="sources"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("reconciliation/streams/<str:stream>/", reconciliation.stream, name="reconciliation_stream"),
    path("reconciliation/<int:pk>/<int:number>/", reconciliation.group, name="reconciliation_group"),
    path("checks/", checks.checks, name="checks"),
    path("salesforce/", salesforce.connection, name="salesforce"),
    path("salesforce/check/", salesforce.check_now, name="salesforce_check"),
]
