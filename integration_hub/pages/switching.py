"""The buttons that stop every push, and let it go on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from integration_hub.pages.access import administrators_only
from integration_hub.pages.switch_state import switch_state
from integration_hub.push import switch


@require_POST
@administrators_only
def stop(request: HttpRequest) -> HttpResponse:
    """Stop the push at once; a running one ends within a batch. A reason is asked for, because others will read it."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.warning(request, "The push was not stopped: say why, so that others know what must be done first.")
        return redirect("plans")
    switch.stop(request.user.get_username(), reason)
    messages.success(request, "The push is stopped. What is on its way ends within a batch; syncs go on.")
    return redirect("plans")


@require_POST
@administrators_only
def resume(request: HttpRequest) -> HttpResponse:
    """Let pushes go out again."""
    switch.resume(request.user.get_username())
    if switch_state().running:
        messages.success(request, "Pushes go out again, beginning with the next sync that changes figures.")
    else:
        messages.warning(request, "Resumed here, but enabled = false still stands under [push] in hub.toml.")
    return redirect("plans")
