-- No rows: how few customers there are, before whose they are is looked up. Parameters: none.
analyze rollup_scope
