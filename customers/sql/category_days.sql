-- Revenue by product category and day of a period, and whether anything was bought that day, oldest first. Same rule as
-- category_figures. Parameters: keys, start, end, no_product.
-- begins with counted_lines
select category, revenue_on, sum(counted), max(counted) > 0
from counted
group by category, revenue_on
order by category, revenue_on
