"""URLs of the reports."""

from django.urls import path

from reports import views
from reports.rfm import views as rfm

app_name = "reports"

urlpatterns = [
    path("", views.index, name="index"),
    path("segmentation/", views.report, {"name": "segmentation"}, name="segmentation"),
    path("rfm/scales/", rfm.scales, name="rfm_scales"),
    path("rfm/calibrate/", rfm.calibration, name="rfm_calibrate"),
    path("<slug:name>/", views.report, name="report"),
    path("<slug:name>/chart/<int:number>.json", views.chart, name="chart"),
    path("<slug:name>/export/<slug:kind>/", views.export, name="export"),
    path("<slug:name>/figures/<slug:measure>/", views.figure, name="figure"),
]
