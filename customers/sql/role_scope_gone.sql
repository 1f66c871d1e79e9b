-- One row less per viewer and owner that no longer holds. Parameters: none.
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
delete from role_scope s
where not exists (select from wanted w where w.viewer = s.viewer and w.owner = s.owner)
