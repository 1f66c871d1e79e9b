"""The page that says who opened a customer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from customers.access import visible
from customers.models import Customer
from customers.pages.views import build_view_log, may_read_log
from integration_hub.config import hub


@require_safe
def views(request: HttpRequest, pk: int) -> HttpResponse:
    """Who opened or exported the customer; for everybody but its owner, those above and administrators there is no
    such page.
    """
    customer = get_object_or_404(visible(Customer.objects.all(), request.user), pk=pk)
    if not may_read_log(request.user, customer):
        raise Http404
    context = {
        "customer": customer,
        "found": build_view_log(customer, request.GET.get("page")),
        "days": hub().access.view_log_days,
    }
    return render(request, "customers/views.html", context)
