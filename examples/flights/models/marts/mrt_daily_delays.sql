select
  f.date,
  f.origin,
  c.carrier_name,
  count(*) as flight_count,
  count(*) filter (where f.is_cancelled) as cancelled_count,
  round(avg(f.departure_delay_minutes), 2) as average_departure_delay_minutes,
  count(*) filter (where f.departure_delay_minutes > 15) as late_count
from {{ ref('fct_flights') }} f
join {{ ref('dim_carriers') }} c using (carrier)
group by all
