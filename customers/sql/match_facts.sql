-- Records by their ids: id, key and facts as text. Parameters: records (ids).
select id, key, facts::text from match_record where id = any(%(records)s::bigint[])
