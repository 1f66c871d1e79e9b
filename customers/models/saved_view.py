"""What users keep of the customer list: named views, their last counts, and the columns they chose."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A named query string of the customer list. `shared` ones are offered to everybody; each reader sees, and counts,
    only what he may see.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.TextField(default="", blank=True)
    shared = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "saved_view"
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name


class SavedViewCount(models.Model):
    """How many customers a view held for one user when the figures of `computed_at` were current; `seen` is a hash of
    what the user was allowed to see then.
    """

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="counts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    computed_at = models.DateTimeField()
    seen = models.CharField(max_length=64, default="")
    customers = models.PositiveIntegerField()

    class Meta:
        db_table = "saved_view_count"
        constraints = [models.UniqueConstraint(fields=["view", "user"], name="saved_view_count_once")]


class ListColumns(models.Model):
    """The columns of the customer list that a user chose, by name and in their order, with commas between."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_columns")
    names = models.TextField()

    class Meta:
        db_table = "list_columns"
