-- Roles and databases of an embedded server; a psql script that may run again at every start. No parameters.
-- hub owns both databases; erp_reader is the role by which the hub reads the demo ERP, and can write nowhere.
select 'create role hub login createdb' where not exists (select from pg_roles where rolname = 'hub')
\gexec
select 'create role erp_reader login' where not exists (select from pg_roles where rolname = 'erp_reader')
\gexec
select format('create database %I owner hub', name)
from (values ('customer360'), ('erp_demo')) as wanted (name)
where not exists (select from pg_database where datname = name)
\gexec
revoke all on database customer360, erp_demo from public;
grant connect on database erp_demo to erp_reader;
\connect erp_demo
revoke all on schema public from public;
grant create, usage on schema public to hub;
grant usage on schema public to erp_reader;
alter default privileges for role hub in schema public grant select on tables to erp_reader;
