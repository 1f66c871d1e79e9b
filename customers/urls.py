"""URLs of the customer pages and documents. Keys may hold a slash, so documents take a path.

In a URL `pk` is always a customer and `key` a document: customers.view_log writes down who opened them.
"""

from django.urls import path, re_path

from customers.views import customer, customer_list, deputies, documents, figure, search, view_log

app_name = "customers"

urlpatterns = [
    path("", customer_list.home, name="home"),
    path("search/", search.search, name="search"),
    path("customers/", customer_list.customer_list, name="list"),
    re_path(r"^customers/by-salesforce-id/(?P<record>[^/]+)/?$", customer.by_salesforce_id, name="by_salesforce_id"),
    path("customers/<int:pk>/", customer.detail, name="detail"),
    path("customers/<int:pk>/orders/", customer.documents, {"name": "orders"}, name="orders"),
    path("customers/<int:pk>/deliveries/", customer.documents, {"name": "deliveries"}, name="deliveries"),
    path("customers/<int:pk>/invoices/", customer.documents, {"name": "invoices"}, name="invoices"),
    path("customers/<int:pk>/payments/", customer.documents, {"name": "payments"}, name="payments"),
    path("customers/<int:pk>/opportunities/", customer.documents, {"name": "opportunities"}, name="opportunities"),
    path("customers/<int:pk>/contacts/", customer.contacts, name="contacts"),
    path("customers/<int:pk>/figures/<slug:measure>/", figure.figure, name="figure"),
    path("customers/<int:pk>/views/", view_log.views, name="views"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:deputy>/end/", deputies.end_deputy, name="end_deputy"),
    path("customers/<int:pk>/not-converted/", figure.unconverted, name="not_converted"),
    path("orders/<path:key>/", documents.order, name="order"),
    path("deliveries/<path:key>/", documents.delivery, name="delivery"),
    path("invoices/<path:key>/", documents.invoice, name="invoice"),
    path("payments/<path:key>/", documents.payment, name="payment"),
]
