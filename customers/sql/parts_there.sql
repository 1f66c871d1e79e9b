-- One row where a rule shares an ERP customer. Parameters: none.
select 1 from account_link where part_to is not null or places is not null limit 1
