-- relinked: no row yet; will hold old and new customers of moved links. Parameters: none.
create temporary table relinked (customer_id bigint not null)
