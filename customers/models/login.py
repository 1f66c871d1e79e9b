"""Ties a login to one Salesforce user, and precomputes whose accounts each user may see."""

from django.conf import settings
from django.db import models

from integration_hub.models.common import KeyField


class Login(models.Model):
    """A login's Salesforce user, tied by stored id; an untied account manager sees nothing and is told why."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="login")
    salesforce_user = KeyField(max_length=18, default="", blank=True)
    tied_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        db_table = "login"


class RoleScope(models.Model):
    """`viewer` may see what `owner` owns: themselves, and users in roles below theirs. Rebuilt when users or roles
    change.
    """

    viewer = KeyField(max_length=18)
    owner = KeyField(max_length=18)

    class Meta:
        db_table = "role_scope"
        constraints = [models.UniqueConstraint(fields=["viewer", "owner"], name="role_scope_once")]
