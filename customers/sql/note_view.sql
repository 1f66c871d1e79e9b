-- That a user opened a page of a customer, once an hour; nothing for a customer that is not there.
-- Parameters: customer, user, page, hour, deputy_for.
insert into customer_view (customer_id, user_id, page, hour, deputy_for)
select customer.id, %(user)s, %(page)s, %(hour)s, %(deputy_for)s
from customer
where customer.id = %(customer)s
on conflict do nothing
