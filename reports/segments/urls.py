"""URLs of the segments."""

from django.urls import path

from reports.segments import building, sending, views

app_name = "segments"

urlpatterns = [
    path("", views.index, name="index"),
    path("new/", building.new, name="new"),
    path("<int:segment>/", views.members, name="members"),
    path("<int:segment>/edit/", building.edit, name="edit"),
    path("<int:segment>/delete/", building.delete, name="delete"),
    path("<int:segment>/send/", sending.send, name="send"),
    path("<int:segment>/versions/", views.versions, name="versions"),
    path("<int:segment>/versions/<int:number>/restore/", building.bring_back, name="restore"),
    path("<int:segment>/customers/<int:customer>/", views.why, name="why"),
]
