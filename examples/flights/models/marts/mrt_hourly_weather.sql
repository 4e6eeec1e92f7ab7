-- What the weather was when flights were planned to leave, hour by hour.
select
  f.origin,
  f.scheduled_hour_at,
  count(*) as flight_count,
  round(avg(f.departure_delay_minutes), 2) as average_departure_delay_minutes,
  any_value(w.temp) as temperature_fahrenheit,
  any_value(w.wind_speed) as wind_speed_mph,
  any_value(w.precip) as precipitation_inches,
  any_value(w.visib) as visibility_miles
from {{ ref('fct_flights') }} f
left join {{ source('stations', 'weather') }} w
  on w.origin = f.origin and w.time_hour = f.scheduled_hour_at
group by all
