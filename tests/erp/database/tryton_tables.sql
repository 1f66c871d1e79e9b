-- The tables and columns of Tryton 8.0 that the profile tryton_sql reads, with PostgreSQL's types.
create table account_account (
    id integer, code varchar, company integer, create_date timestamp, name varchar,
    note text, parent integer, second_currency integer, template integer, type integer, write_date timestamp
);
create table account_account_type (
    id integer, company integer, create_date timestamp, name varchar, parent integer, receivable boolean,
    revenue boolean, sequence integer, stock boolean, template integer, write_date timestamp
);
create table account_invoice (
    id integer, account integer, accounting_date date, cancel_move integer, company integer, create_date timestamp,
    currency integer, description varchar, invoice_date date, journal integer, move integer, number varchar,
    party integer, reference varchar, sequence integer, state varchar, tax_amount_cache numeric,
    total_amount_cache numeric, type varchar, untaxed_amount_cache numeric, write_date timestamp
);
create table "account_invoice-account_move_line" (
    id integer, create_date timestamp, invoice integer, line integer, write_date timestamp
);
create table "account_invoice-additional-account_move" (
    id integer, create_date timestamp, invoice integer, move integer, write_date timestamp
);
create table account_invoice_line (
    id integer, account integer, company integer, create_date timestamp, currency integer, description text,
    invoice integer, note text, origin varchar, party integer, product integer, quantity double precision,
    sequence integer, type varchar, unit integer, unit_price numeric, write_date timestamp
);
create table "account_invoice_line-stock_move" (
    id integer, create_date timestamp, invoice_line integer, stock_move integer, write_date timestamp
);
create table account_invoice_payment_term (
    id integer, active boolean, create_date timestamp, description text, name varchar, write_date timestamp
);
create table account_invoice_tax (
    id integer, account integer, amount numeric, base numeric, create_date timestamp, description varchar,
    invoice integer, sequence integer, tax integer, write_date timestamp
);
create table account_journal (
    id integer, active boolean, code varchar, create_date timestamp, name varchar, type varchar,
    write_date timestamp
);
create table account_move (
    id integer, company integer, create_date timestamp, date date, description varchar, journal integer,
    number varchar, origin varchar, state varchar, write_date timestamp
);
create table account_move_line (
    id integer, account integer, amount_second_currency numeric, create_date timestamp, credit numeric,
    debit numeric, description varchar, maturity_date date, move integer, origin varchar, party integer,
    reconciliation integer, second_currency integer, state varchar, write_date timestamp
);
create table company_company (
    id integer, create_date timestamp, currency integer, party integer, timezone varchar, write_date timestamp
);
create table company_employee (
    id integer, company integer, create_date timestamp, party integer, write_date timestamp
);
create table country_country (
    id integer, active boolean, code varchar, create_date timestamp, name varchar, write_date timestamp
);
create table currency_currency (
    id integer, active boolean, code varchar, create_date timestamp, digits integer, name varchar, symbol varchar,
    write_date timestamp
);
create table currency_currency_rate (
    id integer, create_date timestamp, currency integer, date date, rate numeric, write_date timestamp
);
create table party_address (
    id integer, active boolean, building_number varchar, city varchar, country integer, create_date timestamp,
    party integer, postal_code varchar, sequence integer, street_name varchar, street_unstructured text,
    write_date timestamp, delivery boolean, invoice boolean
);
create table party_contact_mechanism (
    id integer, active boolean, create_date timestamp, name varchar, party integer, sequence integer, type varchar,
    value varchar, write_date timestamp, delivery boolean, invoice boolean
);
create table party_identifier (
    id integer, active boolean, code varchar, create_date timestamp, party integer, sequence integer, type varchar,
    write_date timestamp
);
create table party_party (
    id integer, active boolean, code varchar, create_date timestamp, name varchar, write_date timestamp
);
create table party_party_payment_term (
    id integer, create_date timestamp, customer_payment_term integer, party integer, write_date timestamp
);
create table party_relation (
    id integer, create_date timestamp, from_ integer, "to" integer, type integer, write_date timestamp
);
create table party_relation_type (
    id integer, create_date timestamp, name varchar, usages text, write_date timestamp
);
create table product_category (
    id integer, code varchar, create_date timestamp, name varchar, parent integer, write_date timestamp
);
create table product_product (
    id integer, active boolean, code varchar, create_date timestamp, description text, position integer,
    template integer, write_date timestamp
);
create table product_template (
    id integer, active boolean, code varchar, create_date timestamp, default_uom integer, name varchar,
    type varchar, write_date timestamp, account_category integer
);
create table product_uom (
    id integer, active boolean, category integer, create_date timestamp, digits integer, name varchar,
    rate double precision, symbol varchar, write_date timestamp
);
create table sale_line (
    id integer, create_date timestamp, description text, note text, product integer, quantity double precision,
    sale integer, sequence integer, type varchar, unit integer, unit_price numeric, write_date timestamp
);
create table sale_sale (
    id integer, company integer, contact integer, create_date timestamp, currency integer, description varchar,
    invoice_party integer, number varchar, origin varchar, party integer, quoted_by integer, reference varchar,
    sale_date date, shipment_party integer, shipping_date date, state varchar, tax_amount_cache numeric,
    total_amount_cache numeric, untaxed_amount_cache numeric, write_date timestamp
);
create table stock_location (
    id integer, active boolean, code varchar, create_date timestamp, name varchar, parent integer,
    type varchar, write_date timestamp
);
create table stock_move (
    id integer, company integer, create_date timestamp, currency integer, effective_date date,
    from_location integer, origin varchar, planned_date date, product integer, quantity double precision,
    shipment varchar, state varchar, to_location integer, unit integer, unit_price numeric, write_date timestamp
);
create table stock_shipment_out (
    id integer, company integer, create_date timestamp, customer integer, effective_date date, number varchar,
    planned_date date, reference varchar, state varchar, write_date timestamp
);
create table stock_shipment_out_return (
    id integer, company integer, create_date timestamp, customer integer, effective_date date, number varchar,
    planned_date date, reference varchar, state varchar, write_date timestamp
);
