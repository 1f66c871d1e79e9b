-- The tables and columns of Odoo 19 that the profile odoo_sql reads, with PostgreSQL's types.
create table res_currency (id integer, name varchar);
create table res_company (id integer, name varchar, currency_id integer, partner_id integer);
create table res_currency_rate (id integer, name date, currency_id integer, company_id integer, rate numeric, write_date timestamp);
create table res_country (id integer, name jsonb);
create table res_users (id integer, partner_id integer);
create table res_partner (
    id integer, name varchar, ref varchar, vat varchar, email varchar, phone varchar, website varchar, street varchar,
    street2 varchar, zip varchar, city varchar, country_id integer, user_id integer, active boolean default true, tz varchar,
    is_company boolean, type varchar, function varchar, company_registry varchar,
    commercial_partner_id integer, customer_rank integer default 0,
    create_date timestamp default '2026-01-01', write_date timestamp default '2026-01-01'
);
create table product_category (id integer, complete_name varchar);
create table uom_uom (id integer, name jsonb);
create table product_template (
    id integer, name jsonb, type varchar, default_code varchar, categ_id integer, uom_id integer, write_date timestamp
);
create table product_product (id integer, product_tmpl_id integer, default_code varchar, write_date timestamp);
create table sale_order (
    id integer, name varchar, company_id integer, partner_id integer, partner_shipping_id integer,
    partner_invoice_id integer, date_order timestamp, commitment_date timestamp, currency_id integer,
    currency_rate numeric, amount_untaxed numeric, amount_total numeric, state varchar, invoice_status varchar,
    delivery_status varchar, client_order_ref varchar, user_id integer, write_date timestamp
);
create table sale_order_line (
    id integer, order_id integer, sequence integer, display_type varchar, is_downpayment boolean, product_id integer,
    name text, product_uom_qty numeric, product_uom_id integer, price_unit numeric, discount numeric,
    price_subtotal numeric, qty_delivered numeric, qty_invoiced numeric, write_date timestamp
);
create table stock_location (id integer, usage varchar);
create table stock_picking (
    id integer, name varchar, company_id integer, partner_id integer, location_id integer, location_dest_id integer,
    scheduled_date timestamp, date_done timestamp, state varchar, carrier_tracking_ref varchar, write_date timestamp
);
create table stock_move (
    id integer, picking_id integer, sale_line_id integer, product_id integer, product_uom integer, sequence integer,
    product_uom_qty numeric, quantity numeric, state varchar, write_date timestamp
);
create table account_journal (id integer, type varchar);
create table account_account (id integer, account_type varchar);
create table account_move (
    id integer, name varchar, ref varchar, move_type varchar, state varchar, payment_state varchar, company_id integer,
    journal_id integer, commercial_partner_id integer, currency_id integer, invoice_date date, date date,
    invoice_date_due date, amount_untaxed numeric, amount_tax numeric, amount_total numeric,
    amount_untaxed_signed numeric, amount_total_signed numeric, amount_residual numeric, debit_origin_id integer, reversed_entry_id integer, write_date timestamp
);
create table account_move_line (
    id integer, move_id integer, sequence integer, display_type varchar, account_id integer, partner_id integer,
    product_id integer, product_uom_id integer, name varchar, quantity numeric, price_unit numeric,
    price_subtotal numeric, price_total numeric, currency_id integer, amount_currency numeric,
    amount_residual_currency numeric, date_maturity date, is_downpayment boolean, tax_repartition_line_id integer,
    write_date timestamp
);
create table sale_order_line_invoice_rel (order_line_id integer, invoice_line_id integer);
create table account_partial_reconcile (
    id integer, debit_move_id integer, credit_move_id integer, debit_amount_currency numeric,
    credit_amount_currency numeric, max_date date
);
