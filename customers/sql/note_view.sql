-- That a user opened a page of a customer, once an hour. Parameters: customer, user, page, hour, deputy_for.
insert into customer_view (customer_id, user_id, page, hour, deputy_for)
values (%(customer)s, %(user)s, %(page)s, %(hour)s, %(deputy_for)s)
on conflict do nothing
