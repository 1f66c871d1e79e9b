-- No rows: forget the temporary tables of an earlier matching in this session. Parameters: none.
drop table if exists handover_scope, handover_order, handover_deal, handover_pair, handover_candidate, handover_share,
    handover_flow, handover_bill, handover_money, handover_new, handover_alone, handover_row, handover_sale,
    handover_quote, handover_named, handover_claim, sale_candidate, sale_new, sale_row
