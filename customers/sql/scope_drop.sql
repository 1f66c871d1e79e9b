-- No rows: forget the temporary tables of an earlier recompute in this session. Parameters: none.
drop table if exists derive_customer, derive_account, reporting_rate, link_wanted, relinked, rollup_scope, rollup_key,
    order_figures, open_order_figures, invoice_figures, receivable_figures, payment_figures, deal_figures,
    month_figures, category_figures, reading_invoices, unallocated_figures, open_order, order_rhythm, standing_figures,
    team_wanted, rollup_part, rollup_link
