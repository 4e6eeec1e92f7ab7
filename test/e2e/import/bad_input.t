# what: what cannot be imported says what it is, where it stands and what to do; nothing is written then
tags quick

file leat.yml
| version: 1
| name: shop

run import none.yaml
exit 2
error CFG-111

file broken.yaml
| source: a
| streams: [
run import broken.yaml
exit 2
error CFG-101 at broken.yaml:3:1

file twice.yaml
| source: A
| source: B
| streams: {}
run import twice.yaml
exit 2
error CFG-102 at twice.yaml:2:1

file other.yaml
| version: 2
| models: []
run import other.yaml
exit 2
error APP-207 at other.yaml:1:1
stderr ~ its keys are: version, models

run import other.yaml --from sling
exit 2
error APP-211 at other.yaml:1:1

file streams.yaml
| source: OPS
| target: X
| streams: [a, b]
run import streams.yaml
exit 2
error APP-211 at streams.yaml:3:10

file unknown.yaml
| source: OPS
| target: X
| streams: { main.a: {} }
run import unknown.yaml
exit 2
error APP-208 at unknown.yaml:1:9
stderr ~ --connections FILE

# What an address keeps secret is not shown, nor is the line that it stands on.
file address.yaml
| source: snowflake://ann:hidden-pw@account/db?private_key=hidden-key
| target: X
| streams: { main.a: {} }
run import address.yaml
exit 2
error APP-208 at address.yaml:1:9
stderr ~ 'snowflake://…'
stderr ! hidden

run import unknown.yaml --connection nothing
exit 2
error PROJ-206

file dlt.yml
| client: { base_url: [1] }
| resources: []
run import dlt.yml
exit 2
error APP-211 at dlt.yml:1:21

file empty.yml
| client: { base_url: 'http://127.0.0.1:9' }
| resources: [{ name: a, write_disposition: skip }]
run import empty.yml
exit 2
error APP-212
stderr ~ a (write_disposition is skip)

file none.py
| config = {"client": 1}
run import none.py
exit 2
error APP-210

file two.py
| a = {"client": {}, "resources": []}
| b = {"client": {}, "resources": []}
run import two.py
exit 2
error APP-210 at two.py:2:5
stderr ~ on lines 1, 2

file asset.yml
| type: ingestr
| parameters: { source_connection: x }
run import asset.yml
exit 2
error APP-211 at asset.yml:2:1

run import dlt.yml asset.yml
exit 2
error APP-207

run import asset.yml --name 'a b'
exit 2
error PROJ-205

# A file of connections that nothing can be added to is left alone.
file connections.yml
| connections: { ops: { type: sqlite, file: ops.db } }
file good.yml
| client: { base_url: 'http://127.0.0.1:9' }
| resources: [{ name: a, write_disposition: replace, endpoint: { data_selector: $, paginator: single_page } }]
run import good.yml
exit 2
error APP-209
stderr ~ type: http
run import good.yml --name ops
exit 2
error APP-214
stderr ~ --connection ops
shell ls sources 2>/dev/null || true; cat connections.yml
stdout
| connections: { ops: { type: sqlite, file: ops.db } }

# Wrong types are reported where they stand; the rest is taken.
file types.yml
| client: { base_url: 'http://127.0.0.1:9', paginator: { type: offset, limit: many } }
| resources:
|   - { name: a, write_disposition: replace, endpoint: { data_selector: 'a[?(@.x)]', params: { x: [1] } } }
|   - { name: b, write_disposition: replace, endpoint: 7 }
|   - [c]
file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }
run import types.yml --output json
json report[key=client.paginator.limit].text = a whole number was expected
json report[line=3].key = resources[0].name
json sources[0].tables = ["a","b"]
shell tail -4 connections.yml
stdout
|   ops: { type: sqlite, file: ops.db }
|   types:
|     type: http
|     url: "http://127.0.0.1:<port>"

# What `leat check` would refuse is left out, and said; the rest passes.
file faulty.yml
| client: { base_url: 'http://127.0.0.1:9', paginator: single_page }
| resource_defaults: { write_disposition: replace, endpoint: { data_selector: $ } }
| resources:
|   - { name: good }
|   - { name: bad__rejected }
|   - { name: second }
run import faulty.yml --output json
json sources[0].tables = ["good","second"]
json sources[0].left_out = ["bad__rejected (the name raw_faulty.bad__rejected is reserved)"]
json report[line=5].verdict = not_possible
json report[line=5].text ~ it is left out
run check

# A source of that name in another file.
file sources/other.yml
| source: twice
| connection: ops
| tables: [a]
run import faulty.yml --name twice
exit 2
error PROJ-202 at sources/twice.yml:2:9
shell ls sources/twice.yml 2>/dev/null || echo none; grep -c twice connections.yml || true
stdout
| none
| 0
