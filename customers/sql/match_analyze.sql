-- No rows: statistics for finding who shares a block. Parameters: none.
analyze match_record, match_block
