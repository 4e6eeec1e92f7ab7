-- One row for each day on which a flight was planned.
select
  day as date,
  year(day) as year,
  month(day) as month,
  day(day) as day_of_month,
  isodow(day) as day_of_week,
  isodow(day) >= 6 as is_weekend
from (select distinct make_date(year, month, day) as day from {{ source('inbound', 'flights') }})
