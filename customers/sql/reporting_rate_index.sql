-- No rows: the rate of a document's day is one index look-up. Parameters: none.
create index on reporting_rate (currency, valid_from desc)
