# what: types of format v3: timestamp_ns and variant are made, partitioned, read and filtered; what version 2 does not have is refused with the column
tags quick

run init . --name shop

file models/measured.yml
| models:
|   - name: measured
|     config: { properties: { format-version: 3 }, partition_by: [day(seen)] }

file models/measured.sql
| select i::integer as id, make_timestamp_ns(i * 86400000000000 - 1) as seen,
|   case i when 0 then {'a': 1, 'b': 'x'}::variant when 1 then [1, 2]::variant when 2 then 'text'::variant end as v
| from range(4) as r(i)

run run
exit 0
query ITT
| select id, seen::varchar, v::varchar from trusted.measured order by id
----
0  1969-12-31 23:59:59.999999999  {'a': 1, 'b': x}
1  1970-01-01 23:59:59.999999999  [1, 2]
2  1970-01-02 23:59:59.999999999  text
3  1970-01-03 23:59:59.999999999  NULL

# one file a day; bounds hold the nanoseconds
query I
| select id from trusted.measured where seen = timestamp_ns '1970-01-01 23:59:59.999999999'
----
1

query I
| select id from trusted.measured where seen > timestamp_ns '1970-01-02 23:59:59.999999998'
----
2
3

query I
| select v.a::integer from trusted.measured where id = 0
----
1

# rows can be changed
run env create dev
run sql --write --ref env/dev -c "update trusted.measured set v = 42::variant where id = 3"
run sql --write --ref env/dev -c "insert into trusted.measured values (9, timestamp_ns '2024-02-29 10:11:12.123456789', null)"
query ITT --ref env/dev
| select id, seen::varchar, v::varchar from trusted.measured where id in (3, 9) order by id
----
3  1970-01-03 23:59:59.999999999  42
9  2024-02-29 10:11:12.123456789  NULL

# columns of all new types, added to a table that is there
run lake alter trusted.measured --ref env/dev --add 'nothing unknown' --add 'zoned timestamptz_ns' --add 'more variant' --add "since timestamp_ns default \"2024-02-29T10:11:12.123456789\""
query ITTT --ref env/dev
| select id, nothing, zoned::varchar, since::varchar from trusted.measured where id = 0
----
0  NULL  NULL  2024-02-29 10:11:12.123456789

run sql --write --ref env/dev -c "insert into trusted.measured by name select 10 as id"
exit 2
error SQL-501
stderr ~ zoned
run lake alter trusted.measured --ref env/dev --drop zoned
run sql --write --ref env/dev -c "insert into trusted.measured by name select 10 as id"
query ITT --ref env/dev
| select id, nothing, since::varchar from trusted.measured where id = 10
----
10  NULL  2024-02-29 10:11:12.123456789

# version 2
file models/older.sql
| select 1::variant as odd
run run -s older
exit 1
stdout ~ odd
stdout ~ version 3
