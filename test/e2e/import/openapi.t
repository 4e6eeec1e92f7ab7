# what: an OpenAPI document becomes a source: paging, rows and keys with their reasons; what is left out is named
tags quick

file leat.yml
| version: 1
| name: shop

file api.yaml
| openapi: 3.1.0
| info: { title: Shop, version: "1" }
| servers:
|   - url: https://{host}/v1
|     variables: { host: { default: api.example.com } }
|   - url: https://eu.example.com
| security: [{ key: [] }]
| paths:
|   /people:
|     parameters: [{ $ref: '#/components/parameters/Page' }]
|     get:
|       summary: All people
|       parameters: [{ name: per_page, in: query, schema: { type: integer, maximum: 100 } }]
|       responses: { '200': { $ref: '#/components/responses/People' } }
|   /people/{personId}:
|     get: { responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Person' } } } } } }
|   /people/{personId}/orders:
|     get:
|       responses: { '200': { content: { application/json: { schema: { type: object, properties: { orders: { type: array, items: { type: object, properties: { id: { type: string }, n: {type: integer} } } } } } } } } }
|   /people/{personId}/orders/{orderId}/lines:
|     get:
|       responses: { '200': { content: { application/json: { schema: { type: array, items: { type: object } } } } } }
|   /changes:
|     get:
|       parameters: [{ name: updated_since, in: query, schema: { type: string, format: date-time } }, { name: pageToken, in: query, schema: {type: string} }, {name: maxResults, in: query, schema: {type: integer, default: 50}}]
|       responses: { '200': { content: { application/json: { schema: { allOf: [ {type: object, properties: { items: { type: array, items: { $ref: '#/components/schemas/Person' } } } }, {properties: { nextPageToken: {type: [string, 'null']}} } ] } } } } }
|   /ring:
|     get: { responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Ring' } } } } } }
|   /needs:
|     get:
|       parameters: [{ name: account, in: query, required: true, schema: { type: string } }]
|       responses: { '200': { content: { application/json: { schema: { type: array } } } } }
|   /pdf:
|     get: { responses: { '200': { content: { application/pdf: {} } } } }
|   /two:
|     get: { responses: { '200': { content: { application/json: { schema: { properties: { a: { type: array, items: {type: object} }, b: { type: array, items: {type: object} } } } } } } } }
|   /log:
|     post: { responses: {} }
|     get: { security: [{ other: [] }], responses: { '200': { content: { application/x-ndjson: { schema: { type: object } } } } } }
|   /lines:
|     get: { deprecated: true, security: [], responses: { '200': { content: { application/x-ndjson: { schema: { type: object, properties: {line_id: {type: integer}} } } } } } }
| components:
|   securitySchemes:
|     key: { type: apiKey, in: header, name: X-Api-Key }
|     other: { type: http, scheme: bearer }
|   parameters:
|     Page: { name: page, in: query, schema: { type: integer, default: 1 } }
|   responses:
|     People: { content: { application/json: { schema: { type: object, properties: { items: { type: array, items: { $ref: '#/components/schemas/Person' } }, pages: { type: integer } } } } } }
|   schemas:
|     Person: { type: object, properties: { id: { type: integer }, name: { type: string }, updated_at: { type: string }, tags: { type: array, items: {type: string} } } }
|     Ring: { allOf: [ { $ref: '#/components/schemas/Ring' }, { $ref: '#/components/schemas/Ring' } ] }

# Nothing is written yet.
run add source shop --openapi api.yaml --dry-run
stdout ~ # connections.yml gets
stdout ~ - name: people
shell ls
stdout ! sources

run add source shop --openapi api.yaml --output json
json added = ["people","people_orders","changes","lines"]
json secrets = ["SHOP_KEY"]
json left_out count = 7
shell cat connections.yml sources/shop.yml
stdout
| connections:
|   shop:
|     type: http
|     url: "https://api.example.com/v1"       # the first of 2 servers of the document
|     auth: { type: api_key, name: X-Api-Key, key: "${secret:SHOP_KEY}" } # security scheme key
| # From `leat add source --openapi`, made of api.yaml: why each choice is what it is stands beside it. The API was not asked.
| source: shop
| connection: shop
| tables:
|   - name: people                            # GET /people
|     description: "All people"
|     path: /people
|     records: $.items                        # the one list of the answer
|     pagination: { type: page, param: page, total: $.pages, size_param: per_page, size: 100 } # parameter `page`, and $.pages tells how many there are; 100 rows are the most that `per_page` allows
|     mode: full-refresh                      # no parameter asks for what changed since the last load
|     primary_key: [id]                       # the rows' id; is it the only one of its kind?
|   - name: people_orders                     # GET /people/{personId}/orders
|     parent:                                 # its rows have id for {personId}
|       path: /people
|       records: $.items
|       pagination: { type: page, param: page, total: $.pages, size_param: per_page, size: 100 }
|     path: "/people/{parent.id}/orders"
|     records: $.orders                       # the one list of the answer
|     mode: full-refresh                      # no parameter asks for what changed since the last load
|     primary_key: [_parent_id, id]           # the rows' id, as far as they are of one parent
|     # look at this: nothing in the document tells how more rows than one answer are asked for: do all come at once? If not, say how: `pagination:`
|   - name: changes                           # GET /changes
|     path: /changes
|     params: { updated_since: "{since}" }
|     records: $.items                        # the one list of the answer
|     pagination:                             # parameter `pageToken`, and $.nextPageToken in the answer; 50 rows are what `maxResults` is by default
|       type: cursor
|       param: pageToken
|       next: $.nextPageToken
|       size_param: maxResults
|       size: 50
|     mode: incremental                       # new and changed rows are asked for; rows that are gone stay
|     update_key: updated_at                  # `updated_since` asks for what changed since then
|     time_format: iso
|     primary_key: [id]                       # the rows' id; is it the only one of its kind?
|   - name: lines                             # GET /lines
|     path: /lines
|     format: ndjson                          # its answers are application/x-ndjson
|     mode: full-refresh                      # no parameter asks for what changed since the last load
|     primary_key: [line_id]                  # the rows' line_id; is it the only one of its kind?
|     # look at this: the API's makers advise against this path: it is deprecated
| # left out: GET /people/{personId} (its answer is one thing, no list)
| # left out: GET /people/{personId}/orders/{orderId}/lines (it is below things of several lists, and one level is what there is)
| # left out: GET /ring (its answer is one thing, no list)
| # left out: GET /needs (it needs the parameter account, and nothing tells its value)
| # left out: GET /pdf (its answers are application/pdf, not JSON, JSON lines or csv)
| # left out: GET /two (its answer has several lists: write a table for each that you want, `records:` $.a, $.b)
| # left out: GET /log (it asks for another proof of who asks: other)

shell printf abcdef | $LEAT secret set SHOP_KEY
run check

# A file that is there is not changed; a connection that is there is used.
run add source shop --openapi api.yaml
exit 2
error APP-206
run add source shop 'people*' --name again --openapi api.yaml --output json
json added = ["people","people_orders"]
json connections = null
run check

run add source more nothing --openapi api.yaml
exit 2
error APP-219
stderr ~ 'nothing'

run add source shop --url https://x.example.com
exit 2
error APP-103
run add source shop --name third --openapi api.yaml --url https://x.example.com
exit 2
error APP-103

# Another kind of connection.
file ops.db
| x
shell printf '  ops: { type: sqlite, file: ops.db }\n' >> connections.yml
run add source ops --openapi api.yaml
exit 2
error APP-218

# Other ways to prove who asks, and addresses.
file keys.json
| {"openapi": "3.0.3", "servers": [{"url": "/v2"}], "security": [{"mtls": []}, {"oauth": ["read", "list"]}],
|  "components": {"securitySchemes": {"mtls": {"type": "mutualTLS"}, "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://id.example.com/token", "scopes": {}}}}}},
|  "paths": {"/things.json": {"get": {"responses": {"200": {"content": {"application/vnd.api+json": {"schema": {"type": "array", "items": {"type": "object", "properties": {"uuid": {}}}}}}}}}},
|            "/links": {"get": {"parameters": [{"name": "page[number]", "in": "query", "schema": {"type": "integer"}}, {"name": "page[size]", "in": "query", "schema": {"type": "integer"}},
|                                             {"name": "X-Version", "in": "header", "required": true, "schema": {"enum": ["2"]}}],
|              "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"data": {"type": "array"}, "included": {"type": "array"}, "links": {"properties": {"next": {"type": "string"}}}}}}}}}}},
|            "/heads": {"get": {"responses": {"200": {"headers": {"Link": {}}, "content": {"application/json": {"schema": {"type": "array"}}}}}}},
|            "/skips": {"get": {"parameters": [{"name": "skip", "in": "query", "schema": {"type": "integer"}}, {"name": "$top", "in": "query", "schema": {"type": "integer", "maximum": 5000}}],
|              "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"value": {"type": "array"}, "meta": {"properties": {"total_count": {"type": "integer"}}}}}}}}}}},
|            "/bad/{x": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}}},
|            "/files/{file}.txt": {"get": {"responses": {"200": {"content": {"text/plain": {}}}}}},
|            "/away": {"$ref": "other.yaml#/x"}}}

run add source keys --openapi keys.json
exit 2
error APP-217 at keys.json:1:34
stderr ~ --url

run add source keys --openapi keys.json --url https://api.example.com/v2 --output json
json added = ["things","links","heads","skips"]
json left_out count = 3
json left_out[0] ~ other.yaml#/x
json secrets = ["KEYS_CLIENT_ID","KEYS_CLIENT_SECRET"]
json connections ~ scope: "read list"
json connections ~ token_url: "https://id.example.com/token"
json text ~ pagination: { type: next_url, next: $.links.next, size_param: "page[size]", size: 100 }
json text ~ headers: { X-Version: "2" }
json text ~ pagination: { type: link }
json text ~ total: $.meta.total_count
json text ~ size_param: $top
json text ~ size: 1000
json text ~ primary_key: [uuid]
shell printf abcdef | $LEAT secret set KEYS_CLIENT_ID; printf abcdef | $LEAT secret set KEYS_CLIENT_SECRET
run check

# What is no such document.
file old.yml
| swagger: "2.0"
| paths: {}
run add source old --openapi old.yml
exit 2
error APP-215 at old.yml:1:10
stderr ~ Swagger 2.0
file other.yml
| models: []
run add source old --openapi other.yml
exit 2
error APP-215 at other.yml:1:1
file new.yml
| openapi: 4.0.0
run add source old --openapi new.yml
exit 2
error APP-215 at new.yml:1:10
file paths.yml
| openapi: 3.0.0
| paths: [a]
run add source old --openapi paths.yml
exit 2
error APP-215 at paths.yml:2:8
file empty.yml
| openapi: 3.0.0
| servers: [{ url: 'https://x.example.com' }]
| paths: { /a: { get: { responses: {} } } }
run add source old --openapi empty.yml
exit 2
error APP-212 at empty.yml:1:1
stderr ~ GET /a (what it answers is not described)
run add source old --openapi none.yml
exit 2
error CFG-111
shell ls sources
stdout
| again.yml
| keys.yml
| shop.yml
