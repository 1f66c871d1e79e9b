-- Parameters: none.
analyze sent_now, sent_scope
