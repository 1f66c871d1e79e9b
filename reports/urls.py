"""URLs of the reports."""

from django.urls import path

from reports import export_views, schedule_views, views
from reports.rfm import views as rfm

app_name = "reports"

urlpatterns = [
    path("", views.index, name="index"),
    path("exports/", export_views.exports, name="exports"),
    path("exports/told/", export_views.told, name="exports_told"),
    path("exports/check/", export_views.check, name="check"),
    path("exports/schedules/", schedule_views.schedules, name="schedules"),
    path("exports/schedules/<int:pk>/", schedule_views.change, name="change_schedule"),
    path("exports/<int:pk>/", export_views.job, name="export_job"),
    path("exports/<int:pk>/state.json", export_views.state, name="export_state"),
    path("exports/<int:pk>/file/", export_views.file, name="export_file"),
    path("exports/<int:pk>/about.csv", export_views.about_file, name="export_about"),
    path("segmentation/", views.report, {"name": "segmentation"}, name="segmentation"),
    path("rfm/scales/", rfm.scales, name="rfm_scales"),
    path("rfm/calibrate/", rfm.calibration, name="rfm_calibrate"),
    path("<slug:name>/", views.report, name="report"),
    path("<slug:name>/chart/<int:number>.json", views.chart, name="chart"),
    path("<slug:name>/export/<slug:kind>/", export_views.export, name="export"),
    path("<slug:name>/figures/<slug:measure>/", views.figure, name="figure"),
]
