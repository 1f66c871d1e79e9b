-- The rows of the bench warehouse, invented, made where they will lie; every statement ends with a semicolon at the end
-- of a line. Parameters: customers, chains (orders with what follows them), stride (one chain in so many is the
-- biggest customer's), owners, as_of. Derived columns are filled as the roll-up would, so that it has little to rewrite.
insert into erp_company (key, source, synced_at, gone_reason, code, name, currency, time_zone)
values ('erp:10', 'erp', now(), '', '10', 'Bench Components', 'EUR', 'UTC');

insert into erp_product (key, source, synced_at, gone_reason, sku, name, category, unit)
select 'erp:P' || n, 'erp', now(), '', 'P-' || n, 'Part ' || n, '', 'pc' from generate_series(0, 999) n;

insert into erp_currency_rate (key, source, synced_at, gone_reason, currency, base, valid_from, rate)
select 'erp:USD' || m, 'erp', now(), '', 'USD', 'EUR', date '2021-01-01' + m * interval '1 month', 0.85 + m * 0.001
from generate_series(0, 71) m;

insert into sf_user_role (key, source, synced_at, gone_reason, name, parent_id)
select '00EDn0000000000MAA', 'salesforce', now(), '', 'Head of sales', null
union all
select '00EDn' || lpad(n::text, 10, '0') || 'MAA', 'salesforce', now(), '', 'Region ' || n, '00EDn0000000000MAA'
from generate_series(1, 20) n
union all
select '00EDn' || lpad((100 + n)::text, 10, '0') || 'MAA', 'salesforce', now(), '', 'Sales ' || n,
    '00EDn' || lpad(n::text, 10, '0') || 'MAA'
from generate_series(1, 20) n;

-- 0 is the head, 1 to <owners> own accounts, the twenty after them lead a region each
insert into sf_user (key, source, synced_at, gone_reason, username, name, email, is_active, role_id)
select '005Dn' || lpad(n::text, 10, '0') || 'IAA', 'salesforce', now(), '', 'user' || n, 'User ' || n,
    'user' || n || '@bench.example', true,
    case
        when n = 0 then '00EDn0000000000MAA'
        when n <= %(owners)s then '00EDn' || lpad((101 + n %% 20)::text, 10, '0') || 'MAA'
        else '00EDn' || lpad((n - %(owners)s)::text, 10, '0') || 'MAA'
    end
from generate_series(0, %(owners)s + 20) n;

create temporary table party as
select n,
    (array['Müller', 'Schmidt', 'Jansen', 'de Vries', 'Novák', 'Kowalski', 'García', 'Rossi', 'Dubois', 'Andersson',
        'Kestrel', 'Halden', 'Northgate', 'Bauer', 'Weber', 'Fischer', 'Huber', 'Olsen', 'Nielsen', 'Virtanen',
        'Smith', 'Taylor', 'Brown', 'O''Connor', 'MacLeod', 'Lefèvre', 'Moreau', 'Bianchi', 'Ferrari', 'Costa',
        'Silva', 'Pereira', 'Popescu', 'Horvat', 'Nagy', 'Papadopoulos', 'Yılmaz', 'Çelik', 'Øvergaard', 'Åkesson',
        'Brandt', 'Krüger', 'Vogel', 'Lorenz', 'Seidel', 'Thiele', 'Ostermann', 'Peeters', 'Claes', 'Wouters',
        'Blanc', 'Girard', 'Fontaine', 'Marchetti', 'Greco', 'Lombardi', 'Serrano', 'Navarro', 'Ortega', 'Lindqvist'
    ])[1 + (hashint8(n * 3) & 2147483647) %% 60] as family,
    (array['Hydraulik', 'Marine', 'Maschinenbau', 'Logistics', 'Tools', 'Werkzeuge', 'Metall', 'Agri', 'Food', 'Textil',
        'Automation', 'Robotics', 'Elektro', 'Energy', 'Chemie', 'Plastics', 'Papier', 'Glas', 'Holz', 'Bau', 'Medical',
        'Pharma', 'Optik', 'Print', 'Packaging', 'Transport', 'Aviation', 'Rail', 'Shipping', 'Furniture', 'Seals',
        'Pumps', 'Valves', 'Bearings', 'Drives', 'Castings', 'Forge', 'Foundry', 'Coatings', 'Sensors'
    ])[1 + (hashint8(n * 5 + 1) & 2147483647) %% 40] as trade,
    (array['GmbH', 'GmbH', 'GmbH & Co. KG', 'AG', 'B.V.', 'Ltd', 'S.A.', 'S.r.l.', 'AB', 'Oy']
    )[1 + (hashint8(n * 7 + 2) & 2147483647) %% 10] as legal,
    (array['Rotterdam', 'Hamburg', 'München', 'Wien', 'Zürich', 'Lyon', 'Milano', 'Porto', 'Gdańsk', 'Leeds', 'Lincoln',
        'Odense', 'Malmö', 'Turku', 'Brno', 'Győr', 'Ghent', 'Bilbao', 'Dublin', 'Köln', 'Linz', 'Basel', 'Nantes',
        'Torino', 'Braga', 'Poznań', 'Bristol', 'Aarhus', 'Göteborg', 'Tampere'
    ])[1 + (hashint8(n * 11 + 3) & 2147483647) %% 30] as city,
    (array['DE', 'DE', 'DE', 'NL', 'AT', 'FR', 'IT', 'PL', 'GB', 'SE'])[1 + (hashint8(n * 13 + 4) & 2147483647) %% 10]
        as country,
    (array['Manufacturing', 'Agriculture', 'Energy', 'Chemicals', 'Construction', 'Transportation', 'Electronics',
        'Machinery', 'Healthcare', 'Food & Beverage', 'Retail', 'Utilities'
    ])[1 + (hashint8(n * 17 + 5) & 2147483647) %% 12] as industry,
    '001Dn' || lpad(n::text, 10, '0') || 'IAA' as account,
    'erp:' || n as erp
from generate_series(1, %(customers)s) n;

-- One ERP customer in forty is linked to no account, and its account is a prospect.
insert into sf_account (key, source, synced_at, gone_reason, name, erp_number, owner_id, master_record, account_number,
    industry, type, phone, website, billing_street, billing_city, billing_postal_code, billing_country, currency,
    created_on, custom_fields)
select account, 'salesforce', now(), '', concat_ws(' ', family, trade, case when n %% 3 = 0 then city end, legal), '',
    '005Dn' || lpad((1 + n %% %(owners)s)::text, 10, '0') || 'IAA', '', 'A-' || n, industry, '', '', '', '', city, '',
    country, 'EUR', now(), '{}'
from party;

insert into erp_customer (key, source, synced_at, gone_reason, number, name, company_id, salesforce_account, vat_id, email,
    phone, website, street, postal_code, city, country, currency, payment_terms, payment_days, salesperson, blocked,
    block_reason, archived)
select erp, 'erp', now(), '', lpad((100000 + n)::text, 10, '0'),
    concat_ws(' ', family, trade, case when n %% 3 = 0 then city end, legal), 'erp:10',
    case when n %% 40 > 0 then account else '' end, '', '', '', '', '', '', city, country, 'EUR', '30 days net', 30, '',
    false, '', false
from party;

create temporary table person as
select n, 1 + n %% %(customers)s as customer,
    (array['Anna', 'Joost', 'Marit', 'Peter', 'Sofia', 'Luca', 'Marie', 'Piotr', 'Emma', 'Lars', 'Ines', 'Tom', 'Eva',
        'Hugo', 'Clara', 'Jan', 'Nora', 'Paul', 'Lea', 'Max', 'Zoë', 'Björn', 'Élise', 'Ayşe', 'Miguel'
    ])[1 + (hashint8(n * 19) & 2147483647) %% 25] as first,
    (array['Verhagen', 'Smeets', 'Keller', 'Okafor', 'Duarte', 'Berg', 'Nair', 'Hansen', 'Maier', 'Leroy', 'Conti', 'Wójcik',
        'Walsh', 'Eriksson', 'Koskinen', 'Vega', 'Fuchs', 'Aydın', 'Ricci', 'Petit', 'Roth', 'Sato', 'Ahmed', 'Cohen'
    ])[1 + (hashint8(n * 23 + 1) & 2147483647) %% 24] as last
from generate_series(1, %(customers)s * 2) n;

insert into sf_contact (key, source, synced_at, gone_reason, account_id, name, title, department, email, phone,
    mobile_phone, custom_fields)
select '003Dn' || lpad(n::text, 10, '0') || 'IAA', 'salesforce', now(), '',
    '001Dn' || lpad(customer::text, 10, '0') || 'IAA', first || ' ' || last, 'Purchasing', '',
    lower(last) || n || '@customer' || customer || '.example', '', '', '{}'
from person where n <= %(customers)s * 3 / 2;

insert into erp_contact (key, source, synced_at, gone_reason, customer_id, name, role, email, phone)
select 'erp:c' || n, 'erp', now(), '', 'erp:' || customer, first || ' ' || last, 'Accounts payable',
    lower(last) || n || '@customer' || customer || '.example', ''
from person where n > %(customers)s * 3 / 2;

insert into sf_opportunity (key, source, synced_at, gone_reason, account_id, owner_id, name, stage, amount, currency,
    close_on, is_closed, is_won, type, custom_fields)
select '006Dn' || lpad(n::text, 10, '0') || 'IAA', 'salesforce', now(), '', account,
    '005Dn' || lpad((1 + n %% %(owners)s)::text, 10, '0') || 'IAA', trade || ' frame contract ' || city,
    case when n %% 3 = 0 then 'Closed Won' else 'Proposal' end, 1000 + (hashint8(n) & 2147483647) %% 90000, 'EUR',
    %(as_of)s::date - (n %% 700)::int + 60, n %% 3 = 0, n %% 3 = 0, '', '{}'
from party;

create temporary table chain as
select n, customer, 'erp:' || customer as customer_id, day,
    case when n %% 10 = 3 then 'USD' else 'EUR' end as currency,
    (50 + (hashint8(n * 29) & 2147483647) %% 900000 / 100.0)::numeric(12, 2) as net,
    n %% 4 = 0 and day > %(as_of)s::date - 17 as is_open,
    day < %(as_of)s::date - 60 and n %% 200 <> 0 or day < %(as_of)s::date - 30 and n %% 3 = 0 as is_paid
from (
    select n,
        case
            when n %% %(stride)s = 0 then 1
            else 2 + floor((%(customers)s - 1) * power((hashint8(n) & 2147483647) / 2147483648.0, 2))::int
        end as customer,
        %(as_of)s::date - floor((%(chains)s - n) * 1826.0 / %(chains)s)::int as day
    from generate_series(1, %(chains)s) n
) made;

insert into erp_order (key, source, synced_at, gone_reason, number, company_id, customer_id, ordered_on, promised_on,
    shipped_on, currency, net_amount, gross_amount, company_currency, status, source_status, hold_reason,
    customer_reference, salesperson, reporting_rate, reporting_amount, fully_delivered_on, fully_invoiced_on)
select 'erp:O' || lpad(n::text, 8, '0'), 'erp', now(), '', '45' || lpad(n::text, 8, '0'), 'erp:10', customer_id, day - 20,
    day - 2, case when not is_open then day - 3 end, currency, net, net * 1.19, 'EUR',
    case when is_open then 'open' else 'done' end, '', '',
    case when n %% 5 < 3 then 'PO-' || lpad((n::bigint * 7919 %% 10000019)::text, 8, '0') else '' end, '',
    case currency when 'EUR' then 1 end, case currency when 'EUR' then net end,
    case when not is_open then day - 3 end, case when is_open then day - 20 else day end
from chain;

insert into erp_delivery (key, source, synced_at, gone_reason, number, company_id, customer_id, order_id, shipped_on,
    status, source_status, is_return, carrier, tracking)
select 'erp:D' || lpad(n::text, 8, '0'), 'erp', now(), '', '008' || lpad(n::text, 7, '0'), 'erp:10', customer_id,
    'erp:O' || lpad(n::text, 8, '0'), day - 3, 'shipped', '', false, 'Blue Line', ''
from chain where n %% 4 <> 0;

insert into erp_invoice (key, source, synced_at, gone_reason, number, kind, company_id, customer_id, order_id, issued_on,
    posted_on, due_on, currency, net_amount, tax_amount, gross_amount, company_currency, status, source_status,
    customer_reference, revenue_on, revenue_amount, reporting_rate, reporting_amount)
select 'erp:F' || lpad(n::text, 8, '0'), 'erp', now(), '', '90' || lpad(n::text, 8, '0'), 'invoice', 'erp:10',
    customer_id, 'erp:O' || lpad(n::text, 8, '0'), day, day, day + 30, currency, net, net * 0.19, net * 1.19, 'EUR',
    case when is_paid then 'paid' else 'open' end, '',
    case when n %% 5 < 3 then 'PO-' || lpad((n::bigint * 7919 %% 10000019)::text, 8, '0') else '' end,
    day, net, case currency when 'EUR' then 1 end, case currency when 'EUR' then net end
from chain where not is_open;

insert into erp_payment (key, source, synced_at, gone_reason, number, customer_id, company_id, paid_on, currency, amount,
    unallocated_amount, reference)
select 'erp:Z' || lpad(n::text, 8, '0'), 'erp', now(), '', '14' || lpad(n::text, 8, '0'), customer_id, 'erp:10', day + 28,
    currency, net * 1.19, 0, ''
from chain where is_paid and n %% 20 < 9;

insert into erp_open_item (key, source, synced_at, gone_reason, invoice_id, customer_id, company_id, number, issued_on,
    due_on, currency, amount, open_amount, dated_allocations, disputed, note, settled_on, reporting_rate)
select 'erp:F' || lpad(n::text, 8, '0'), 'erp', now(), '', 'erp:F' || lpad(n::text, 8, '0'), customer_id, 'erp:10',
    '90' || lpad(n::text, 8, '0'), day, day + 30, currency, net * 1.19, case when is_paid then 0 else net * 1.19 end,
    false, false, '', case when is_paid then case when n %% 20 < 9 then day + 28 else day end end,
    case currency when 'EUR' then 1 end
from chain where not is_open;

insert into erp_allocation (key, source, synced_at, gone_reason, open_item_id, invoice_id, payment_id, customer_id,
    allocated_on, currency, amount)
select 'erp:A' || lpad(n::text, 8, '0'), 'erp', now(), '', 'erp:F' || lpad(n::text, 8, '0'),
    'erp:F' || lpad(n::text, 8, '0'), 'erp:Z' || lpad(n::text, 8, '0'), customer_id, day + 28, currency, net * 1.19
from chain where is_paid and n %% 20 < 9;

-- One chain in ten states its lines, three of each document.
create temporary table line as
select c.*, l as position,
    case when l < 3 then round(net / 3, 2) else net - 2 * round(net / 3, 2) end as part
from chain c, generate_series(1, 3) l
where n %% 10 = 1;

insert into erp_order_line (key, source, synced_at, gone_reason, order_id, customer_id, position, kind, product_id, text,
    quantity, unit, unit_price, net_amount, cancelled)
select 'erp:O' || lpad(n::text, 8, '0') || '/' || position, 'erp', now(), '', 'erp:O' || lpad(n::text, 8, '0'), customer_id,
    position, 'goods', 'erp:P' || n %% 1000, 'Part ' || n %% 1000, 1, 'pc', part, part, false
from line;

insert into erp_delivery_line (key, source, synced_at, gone_reason, delivery_id, customer_id, position, order_line_id,
    product_id, text, quantity, unit)
select 'erp:D' || lpad(n::text, 8, '0') || '/' || position, 'erp', now(), '', 'erp:D' || lpad(n::text, 8, '0'), customer_id,
    position, 'erp:O' || lpad(n::text, 8, '0') || '/' || position, 'erp:P' || n %% 1000, 'Part ' || n %% 1000, 1, 'pc'
from line where n %% 4 <> 0;

insert into erp_invoice_line (key, source, synced_at, gone_reason, invoice_id, customer_id, position, kind, product_id, text,
    quantity, unit, unit_price, net_amount, order_line_id)
select 'erp:F' || lpad(n::text, 8, '0') || '/' || position, 'erp', now(), '', 'erp:F' || lpad(n::text, 8, '0'), customer_id,
    position, 'goods', 'erp:P' || n %% 1000, 'Part ' || n %% 1000, 1, 'pc', part, part,
    'erp:O' || lpad(n::text, 8, '0') || '/' || position
from line where not is_open;
