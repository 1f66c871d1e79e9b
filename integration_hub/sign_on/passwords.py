"""Sign-in by password, and the way to the provider where there is one."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from integration_hub.sign_on.provider import is_configured


class SignInView(LoginView):
    """Django's own, which offers the provider as well; without PASSWORD_LOGIN it takes no password."""

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """Adds what the provider is called, empty without one, and whether passwords count."""
        sign_on = settings.OIDC_LABEL if is_configured() else ""
        return super().get_context_data(**given) | {"sign_on": sign_on, "passwords": takes_passwords()}

    def form_valid(self, form: Any) -> HttpResponse:
        """Signs in; a way to the provider that was begun before and given up does not cut the session short."""
        answer = super().form_valid(form)
        self.request.session.set_expiry(None)
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Signs in by password, where that is allowed."""
        return super().post(request, *args, **kwargs) if takes_passwords() else HttpResponseNotAllowed(["GET"])


def takes_passwords() -> bool:
    """Whether somebody may sign in by password. Without a provider always: nobody could sign in otherwise."""
    return settings.PASSWORD_LOGIN or not is_configured()
