"""Who a login is at the provider of the single sign-on."""

from django.conf import settings
from django.db import models


class SignOnIdentity(models.Model):
    """A login's name at one issuer, by which it is found ever after: an e-mail address can pass to somebody else."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_on")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    first_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "hub_sign_on_identity"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="hub_sign_on_identity_once")]
