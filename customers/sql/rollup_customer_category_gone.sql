-- One row less per customer of rollup_scope and product category that has nothing any more. Parameters: none.
delete from rollup_customer_category c
using rollup_scope s
where c.customer_id = s.customer_id
    and not exists (select from category_figures f where f.customer_id = c.customer_id and f.category = c.category)
