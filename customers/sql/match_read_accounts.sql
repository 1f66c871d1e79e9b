-- begins with match_accounts
select key, name, vats, registration, numbers, phones, addresses, street, postal_code, city, country, print::text
from printed
order by key
