# what: leat lake alter changes columns at any depth, partitioning, order and properties as one commit; what Iceberg does not allow is refused with a reason
tags quick

run init . --name shop
run run
exit 0
run env create dev

run sql --write --ref env/dev
| create schema free;
| create table free.t as select i::integer as id, i::float as score, (i * 1.5)::decimal(9, 2) as price, {'street': 'road ' || i, 'zip': i::integer} as address, [i::integer, i::integer + 1] as tags, map {'a': {'n': i::integer}} as prices, date '2020-01-01' + i::integer as day from range(4) as r(i)

# a dry run says what would change and changes nothing
run lake alter free.t --ref env/dev --add 'note string after id' --dry-run --output json
json dry_run = true
json commit = null
json changes[0].what = column_added
json changes[0].object = note
run lake alter free.t --ref env/dev --add 'note string after id' --type id=bigint --type score=double --type 'price=decimal(18, 2)' --add 'address.city string first' --type address.zip=long --type tags.element=bigint --rename address.street=road --type prices.value.n=long --add 'prices.value.unit string' --comment 'id=the number' --set comment='a table' --drop day --output json --message "wider"
json dry_run = false
json commit exists
json changes[what=column_dropped].object = day
json changes[what=column_renamed].after = road
run lake history free.t --ref env/dev --output json
json [0].message = wider

query ITRRTTTT --ref env/dev
| select id, note, score, price, address.road, address.city, tags::varchar, prices['a'].n::varchar from free.t where id > 1 order by id
----
2  NULL  2.0  3.00  road 2  NULL  [2, 3]  2
3  NULL  3.0  4.50  road 3  NULL  [3, 4]  3

run sql --write --ref env/dev -c "insert into free.t by name select 3000000000 as id, 1e300 as score, 12345678901.25 as price, {'city': 'x', 'road': 'y', 'zip': 3000000000} as address, [3000000000] as tags"
query ITT --ref env/dev
| select id, address.city, tags::varchar from free.t where address.zip > 2 order by id
----
3  NULL  [3, 4]
3000000000  x  [3000000000]

# again the same: nothing to do
run lake alter free.t --ref env/dev --type id=bigint --comment 'id=the number' --output json
json commit = null
json changes count = 0

# partitioning and order: old files keep theirs
run lake alter free.t --ref env/dev --partition-by 'bucket(4, id), address.road' --sort-by 'score desc' --output json
json changes[what=partitioning_changed].before = none
json changes[what=partitioning_changed].after = bucket[4](id), road
json changes[what=order_changed].after = score desc
run sql --write --ref env/dev -c "insert into free.t by name select 7 as id, 1.5 as score, {'city': null::varchar, 'road': 'z', 'zip': 1} as address union all select 8, 2.5, {'city': null, 'road': 'z', 'zip': 1}"
query I --ref env/dev
| select id from free.t where address.road = 'z' or id = 2 order by id
----
2
7
8

run lake alter free.t --ref env/dev --partition-by none --sort-by none --unset comment --output json
json changes[what=partitioning_changed].after = none
json changes[what=property_removed].object = comment
query I --ref env/dev
| select count(*) from free.t
----
7

# refused, with the reason
foreach change "--type id=int" "--type price=decimal(9,2)" "--type 'price=decimal(20,3)'" "--type id=string" "--drop tags.element" "--rename id=NOTE" "--add 'x int not null'" "--add 'x int default 1'" "--required score" "--type address=string" "--move 'tags.element first'"
run lake alter free.t --ref env/dev ${change}
exit 2
error LAKE-120
endforeach
run lake alter free.t --ref env/dev --drop nothing
error LAKE-122
run lake alter free.t --ref env/dev --type id=numbr
error RUN-512
run lake alter free.t --ref env/dev --partition-by 'week(id)'
error RUN-511
run lake alter free.t --ref env/dev
error APP-104
run lake alter free.t --ref env/dev --add x
error APP-103
run lake alter free.nothing --ref env/dev --drop x
error LAKE-201
run lake alter free.t --ref env/dev --set gc.enabled=true
error LAKE-106

# defaults need format version 3
run lake alter free.t --ref env/dev --format-version 3
run lake alter free.t --ref env/dev --add 'level int not null default 5'
query I --ref env/dev
| select distinct level from free.t
----
5

run lake alter free.t --ref env/dev --default level=7
run sql --write --ref env/dev -c "insert into free.t by name select 99 as id union all by name select 98 as id"
query II --ref env/dev
| select level, count(*) from free.t group by 1 order by 1
----
5  7
7  2

# main: what a project owns is the project's
run lake alter raw_shop.orders --drop customer
exit 2
error RUN-601
run lake alter raw_shop.orders --ref env/dev --drop customer --output json
json changes[0].what = column_dropped
run lake tag here
run lake alter raw_shop.orders --ref tag/here --drop customer
error RUN-601
