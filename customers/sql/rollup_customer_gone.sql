-- One row less per customer of rollup_scope at the day. Parameters: as_of.
delete from rollup_customer r
using rollup_scope s
where r.customer_id = s.customer_id and r.as_of = %(as_of)s
