-- reading_invoices: one row per source that delivers invoices. Parameters: none.
create temporary table reading_invoices as
select s.source
from (select distinct source from erp_customer union select source from hub_stream_state) s
where exists (select from erp_invoice i where i.source = s.source)
