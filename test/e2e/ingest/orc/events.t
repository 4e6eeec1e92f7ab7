# what: an ORC file arrives with its types; what is damaged is named with stripe or part and is not seen; with `on_bad_file: skip` it is set aside
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 60% }

file connections.yml
| connections:
|   inbound: { type: orc, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: events, files: 'events_*.orc*', structured: false }

# Three rows, written by Apache's own writer and packed with zlib; the last has a moment with nanoseconds.
file events.base64
| T1JDEQAACgYSBAgDUAArAAAKEwoDAAAAEgwIAxIGCAIQBhgMUAA0AADjkuViZ4AAISEOJiUeLub8vFQhECHBE8AIAEIAAONS5eJkgAEhCQ4mIyEuVl0DPSNTIWZDPVMpFkMgM4ARAEoA
| AOPS4GJjAAMhOQ5mLwkJBoVvC1f/+5mkMfPHfwhgNDj4SjqAAQAsAADjEudiZ4AAIR4OpgDGJDYOBgEmCSYAMAAA4xLnYmUAASE+DiYlDi7GRCHGJAmWAAYAHQAACgwKBAAAAAASBAgC
| UAE2AADj0uZiYwADIUUORilpTgjnh70gjCEJYwQwAgAsAADjEudiZ4AAIR4OpgDGJDYOBgFGCUYAMAAA4xLnYmUAASE+DkYlDi7GbCHGbAmmAAYAKwAAChMKAwAAABIMCAESBggCEAIY
| AlAAJgAA4xLl4mCAAiFODiYtZi5GxgBGAAkAAEYCJGAFAAD/wAcAAEABAAcAAG9uZQcAAEIAwAUAAP+gBwAArAIxBwAARgFEHQAAdgIhXsYAqUkb/yFexgAkAACrY2IAAX4hpv8Q8AvM
| Z2DgAAAFAAD/wAcAAEIBgAcAAEABwAUAAGFiBQAA/6AFAAD/gA4AAGNgAIEf9gAFAAD/wAcAAEABgAcAAEAAgAMAAGsHAABCAIAFAAD/oAUAAP+AQAEAXY69DsIwDITz06Rp2qFUAh0g
| mBh4EyY23v9ZuFwsVLH4s3322TWXvDrMtdEDYsBNjHiIA55iwlnMuIojDmLBXZxMr6bP5rfgRN3TfyQd/ZPqgExGYzA63u16lJ5YN3r+0e4l8iifpLlANj3wrz6X1Xf8r7OYX0FVf7K9
| yfaq7VUMujOrdutie+Q2sHaMQTGu/pf3zj72yf38n3qJr/fnC1oBAEWPsQrCQAyGL7mzpKFIvelsQdRJBEtb6Ozu1Few4FTQ53F09il8E2cfQOqipifFDOH/84cvhO/AhnStOCJtA8I4
| cJE4S7iMWJ+OB9s3mQE7wtLyaJNnZWV1kVWJKURKMiO9c07Nn5fr+9Wszt3nV5DfHqlnYw1NQCpGhzwWNjHsLTTOSGr6lBcESRoqX912MojpIGTljwEHgoEe01poHfoj4B+QE+JCwrVm
| gBq+XgIAZY/BSsNAEIZ3ZjbpJI0lLh7WLUjtqQiWtNBLLnoUD9JXSLRoKW1FC/oYHvVY9OZT+Ai+hg8g9aJOUxsPnYXlm/n//Ydlih89t8UUv6N9gcYztKjZ48hUAEl7lcjh8MLpSTYe
| OO/6Zng+cJjNnJ5ll7eO7q6mDqejhmqpRDWZdUmVkmpCOwmKGvzNqhwa8DesRrYiBw7uHYxLde2LuGowrG68YqZyplaUUKqZ+iqNmIzPGPs2ks4wNqOQppOBWV4yg9Qydk3oHSbtbs9Q
| p91zuiMoyh7TqbWq8Tl//f7KW0+Ln1VB8vZRL7KxD7nPKkaLaU2yOYTMQG61qHqppvsMrh6oohZH22vYXYNY/mPAgsTAMmZkYGSxWALFB2SFdAHjAYUAfTh+ODuB3Ou25fwCCLICEAEY
| gIAEIgIADCiwATAGgvQDA09SQxk=
shell mkdir -p in; base64 -d events.base64 >in/events_1.orc
run run --output json
json steps[asset=source.shop.events].rows_in = 3
json steps[asset=source.shop.events].rows_out = 2
json steps[asset=source.shop.events].rows_rejected = 1
query ITTTTTT
| select id, name, price, "at", tags, who, ok from raw_shop.events order by id
----
1	one	1.50	2023-11-14 22:13:20.123456	[a, b]	{'x': 1.5, 'm': {k=1}}	true
2	one	NULL	1969-12-31 23:59:59.999999	[]	NULL	NULL

query TTTTTT
| select typeof(id), typeof(price), typeof("at"), typeof(tags), typeof(who), typeof(ok) from raw_shop.events limit 1
----
BIGINT	DECIMAL(20,2)	TIMESTAMP	VARCHAR[]	STRUCT(x DOUBLE, m MAP(VARCHAR, INTEGER))	BOOLEAN

query TTTTT
| select reason_code, "column", message, origin, payload from leat.rejected
----
cast	at	'2023-11-14T22:13:20.000000001' is not exactly a timestamp	in/events_1.orc:3	{"id":3,"name":null,"price":-0.25,"at":"2023-11-14T22:13:20.000000001","tags":null,"who":{"x":null,"m":{}},"ok":false}

# Cut off, another byte in its footer, no ORC file at all.
shell head -c -1 in/events_1.orc >in/events_2.orc
run run --output json
exit 1
error SRC-350
json steps[asset=source.shop.events].error.message ~ in/events_2.orc is no sound ORC file: its postscript is damaged
shell { head -c 300 in/events_1.orc; tail -c +320 in/events_1.orc; } >in/events_2.orc
run run --output json
exit 1
error SRC-350
shell echo id >in/events_2.orc
run run --output json
exit 1
error SRC-350
json steps[asset=source.shop.events].error.message ~ does not begin with the word ORC
query I
| select count(*) from raw_shop.events
----
2

file connections.yml
| connections:
|   inbound: { type: orc, path: in, on_bad_file: skip }
shell cp in/events_1.orc in/x && gzip -c in/x >in/events_3.orc.gz && rm in/x
run run --output json
query TT sorted
| select _source_file, count(*) from raw_shop.events group by 1
----
in/events_1.orc	2
in/events_3.orc.gz	2

query T
| select origin from leat.rejected where reason_code = 'file'
----
in/events_2.orc
