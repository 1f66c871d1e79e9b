"""URLs of the reports."""

from django.urls import path

from reports import views

app_name = "reports"

urlpatterns = [
    path("", views.index, name="index"),
    path("segmentation/", views.segmentation, name="segmentation"),
    path("segmentation/chart.json", views.segmentation_chart, name="segmentation_chart"),
    path("<slug:name>/export/<slug:kind>/", views.export, name="export"),
    path("figures/<slug:measure>/", views.figure, name="figure"),
    path("<slug:name>/", views.listing, name="list"),
]
