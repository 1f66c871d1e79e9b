-- Of more proposals than there may be the least likely fall away. Parameters: customers (keys), most.
delete from link_proposal
where id in (
    select id
    from (
        select id, row_number() over (partition by erp_customer order by score desc, account collate "C") as place
        from link_proposal
        where erp_customer = any(%(customers)s::text[])
    ) ranked
    where place > %(most)s
)
