-- One row per planned departure. Times are UTC; a cancelled flight has no departure time and no delay.
select
  make_date(year, month, day) as date,
  carrier,
  flight as flight_number,
  tailnum,
  origin,
  dest,
  time_hour as scheduled_hour_at,
  time_hour + to_minutes(minute) as scheduled_at,
  dep_delay as departure_delay_minutes,
  arr_delay as arrival_delay_minutes,
  air_time as air_time_minutes,
  distance as distance_miles,
  dep_time is null as is_cancelled
from {{ source('inbound', 'flights') }}
