-- One row of the user whose page view goes on with the running visit or begins one. Parameters: user, now, ended, noted.
-- One statement, so that two views at once begin one visit; a view soon after the last one noted writes nothing.
insert into visit (user_id, began_at, seen_at)
values (%(user)s, %(now)s, %(now)s)
on conflict (user_id) do update
set previous_at = case when visit.seen_at <= %(ended)s then visit.began_at else visit.previous_at end,
    began_at = case when visit.seen_at <= %(ended)s then excluded.began_at else visit.began_at end,
    seen_at = excluded.seen_at
where visit.seen_at <= %(noted)s
