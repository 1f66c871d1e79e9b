-- No rows: how many parts there are. Parameters: none.
analyze rollup_part, rollup_link
