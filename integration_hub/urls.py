"""URL map: composition root, names the upper layers as dotted strings only."""

from django.urls import include, path

urlpatterns = [
    path("", include("customers.urls")),
    path("reports/", include("reports.urls")),
    path("segments/", include("reports.segments.urls")),
    path("", include("integration_hub.pages.urls")),
]

handler400 = "integration_hub.pages.errors.unreadable"
handler500 = "integration_hub.pages.errors.unavailable_or_broken"
