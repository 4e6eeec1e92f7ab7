select
  tailnum,
  year_built,
  manufacturer,
  model,
  engines as engine_count,
  seats as seat_count,
  engine_type
from {{ source('ops', 'planes') }}
