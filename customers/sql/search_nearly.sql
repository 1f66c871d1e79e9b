-- Ids of customers that fit one of the queries, each asked by itself: with all of them in one the planner would not ask
-- the index. Parameters: queries (array of tsquery texts), most (rows of each).
select distinct f.id
from unnest(%(queries)s::tsquery[]) q,
    lateral (select id from customer where search_words(search_text) @@ q limit %(most)s) f
