-- One row per open order whose promised date is another than at the roll-up before. Parameters: at.
insert into promise_move (at, order_id, was, promised_on)
select distinct %(at)s::timestamptz, n.order_id, o.promised_on, n.promised_on
from open_order n
join rollup_open_order o on o.order_id = n.order_id
where n.open_share <> 0 and n.promised_on <> o.promised_on
