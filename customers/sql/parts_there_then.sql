-- One row where a rule shared an ERP customer at the day. Parameters: as_of.
select 1
from account_link_period
where (part_to is not null or places is not null)
    and (valid_from is null or valid_from <= %(as_of)s) and (valid_to is null or valid_to > %(as_of)s)
limit 1
