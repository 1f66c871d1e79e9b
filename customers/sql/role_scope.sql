-- One row more per user and whose accounts they may see: their own, and those of users in roles below. Parameters: none.
with recursive below as (
    select key as top, key as role from sf_user_role where deleted_at is null
    union
    select b.top, r.key
    from below b
    join sf_user_role r on r.parent_id = b.role and r.deleted_at is null
),
wanted as (
    select key as viewer, key as owner from sf_user
    union
    select v.key, o.key
    from sf_user v
    join below b on b.top = v.role_id and b.role <> b.top
    join sf_user o on o.role_id = b.role
    where v.deleted_at is null
)
insert into role_scope (viewer, owner)
select viewer, owner from wanted
on conflict (viewer, owner) do nothing
