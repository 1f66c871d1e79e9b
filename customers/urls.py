"""URLs of the customer pages and documents. Keys may hold a slash, so documents take a path.

In a URL `pk` is always a customer and `key` a document: customers.view_log writes down who opened them.
"""

from django.urls import path, re_path

from customers.views import (
    canvas,
    customer,
    customer_list,
    deputies,
    differences,
    documents,
    figure,
    home,
    money,
    pre_call,
    saved_views,
    search,
    statement,
    view_log,
)

app_name = "customers"

urlpatterns = [
    path("", home.home, name="home"),
    path("book/figures/<slug:measure>/", home.book_figure, name="book_figure"),
    path("book/changes/<slug:kind>/", home.changes, name="changes"),
    path("book/attention/", home.attention, name="attention"),
    path("search/", search.search, name="search"),
    path("customers/", customer_list.customer_list, name="list"),
    path("customers/views/", saved_views.save, name="save_view"),
    path("customers/views/<int:pk>/", saved_views.change, name="change_view"),
    path("customers/columns/", saved_views.columns, name="columns"),
    re_path(r"^customers/by-salesforce-id/(?P<record>[^/]+)/?$", customer.by_salesforce_id, name="by_salesforce_id"),
    path("salesforce/canvas/", canvas.canvas, name="canvas"),
    path("customers/<int:pk>/", customer.detail, name="detail"),
    path("customers/<int:pk>/orders/", customer.documents, {"name": "orders"}, name="orders"),
    path("customers/<int:pk>/deliveries/", customer.documents, {"name": "deliveries"}, name="deliveries"),
    path("customers/<int:pk>/invoices/", customer.documents, {"name": "invoices"}, name="invoices"),
    path("customers/<int:pk>/payments/", customer.documents, {"name": "payments"}, name="payments"),
    path("customers/<int:pk>/opportunities/", customer.documents, {"name": "opportunities"}, name="opportunities"),
    path("customers/<int:pk>/contacts/", customer.contacts, name="contacts"),
    path("customers/<int:pk>/products/", customer.products, name="products"),
    path("customers/<int:pk>/products/<path:category>/", customer.product, name="product"),
    path("customers/<int:pk>/timeline/", customer.timeline, name="timeline"),
    path("customers/<int:pk>/open-items/", money.open_items, name="open_items"),
    path("customers/<int:pk>/settlements/", money.settlements, name="settlements"),
    path("customers/<int:pk>/statement/", statement.statement, name="statement"),
    path("customers/<int:pk>/statement.xlsx", statement.statement_file, name="statement_file"),
    path("customers/<int:pk>/pre-call/", pre_call.pre_call, name="pre_call"),
    path("customers/<int:pk>/figures/<slug:measure>/", figure.figure, name="figure"),
    path("customers/<int:pk>/views/", view_log.views, name="views"),
    path("differences/", differences.inbox, name="differences"),
    path("differences/act/", differences.act, name="differences_act"),
    path("differences/<int:difference>/", differences.difference, name="difference"),
    path("masters/", differences.masters, name="masters"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:deputy>/end/", deputies.end_deputy, name="end_deputy"),
    path("customers/<int:pk>/not-converted/", figure.unconverted, name="not_converted"),
    path("orders/<path:key>/", documents.order, name="order"),
    path("deliveries/<path:key>/", documents.delivery, name="delivery"),
    path("invoices/<path:key>/", documents.invoice, name="invoice"),
    path("payments/<path:key>/", documents.payment, name="payment"),
]
