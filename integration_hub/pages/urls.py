"""Addresses of sign-in, health and the administrator's pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from integration_hub.pages import checks, health, metrics, pushes, quota, runs, salesforce

urlpatterns = [
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
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
    path("pushes/<int:pk>/", pushes.plan, name="plan"),
    path("pushes/<int:pk>/approve/", pushes.approve, name="plan_approve"),
    path("pushes/<int:pk>/changes.csv", pushes.changes_csv, name="plan_csv"),
    path("salesforce/quota/", quota.quota, name="quota"),
    path("checks/", checks.checks, name="checks"),
    path("salesforce/", salesforce.connection, name="salesforce"),
    path("salesforce/check/", salesforce.check_now, name="salesforce_check"),
]
