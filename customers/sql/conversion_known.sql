-- The sources of hub.toml that had a linked ERP customer before this publish. Parameters: sources.
select s
from unnest(%(sources)s::varchar[]) s
where exists (select from account_link l where l.account is not null and l.erp_customer like s || ':%%')
