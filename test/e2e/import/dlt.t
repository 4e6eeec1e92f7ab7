# what: a rest_api configuration of dlt (YAML, JSON, or the literal dict of a Python file) becomes an http source, alike from each
tags quick

file leat.yml
| version: 1
| name: api

file blog.py
| """A pipeline {with braces} in its text."""
| import os
| import dlt
| from dlt.sources.rest_api import RESTAPIConfig, rest_api_resources
|
|
| @dlt.source
| def blog(token=dlt.secrets.value):
|     other = {"client": 1, **{}}
|     config: RESTAPIConfig = {
|         # the API
|         "client": {
|             "base_url": os.environ["BLOG_URL"],
|             "auth": BearerTokenAuth(dlt.secrets["blog.token"]),
|             "headers": {"Accept": 'application/' "json", "X-Api-Key": "abcdef-123"},
|             "paginator": {"type": "json_link", "next_url_path": "paging.next"},
|             "session": make_session("not-shown"),
|         },
|         "resource_defaults": {
|             "primary_key": "id",
|             "write_disposition": "merge",
|             "endpoint": {"params": {"per_page": 100}},
|         },
|         "resources": [
|             "authors",
|             {
|                 "name": "posts",
|                 "endpoint": {
|                     "path": "posts",
|                     "data_selector": "results",
|                     "params": {
|                         "created_since": "{incremental.start_value}",
|                         "sort": "asc",
|                     },
|                     "incremental": {"cursor_path": "created_at", "initial_value": "2024-01-25T00:00:00Z", "lag": 60},
|                     "response_actions": [{"status_code": 404, "action": "ignore"}],
|                 },
|             },
|             {
|                 "name": "comments",
|                 "write_disposition": "replace",
|                 "endpoint": {
|                     "path": "posts/{post}/comments",
|                     "params": {"post": {"type": "resolve", "resource": "posts", "field": "id"}},
|                     "paginator": "auto",
|                 },
|                 "include_from_parent": ["id"],
|                 "processing_steps": [{"filter": lambda row: row["id"] > 1}],
|             },
|             {
|                 "name": "likes",
|                 "endpoint": {"path": "comments/{resources.comments.id}/likes"},
|             },
|             {"name": "hidden", "selected": False},
|             repositories(),
|         ],
|     }
|     yield from rest_api_resources(config)

run import blog.py --output json
json from = dlt
json secrets = ["BLOG_X_API_KEY"]
json sources[0].tables = ["authors","posts","comments"]
json sources[0].left_out count = 2
json report[key=client.base_url].verdict = taken
json report[key=client.session].verdict = not_possible
json report[key=client.headers.X-Api-Key].text = ${secret:BLOG_X_API_KEY}; `leat secret set BLOG_X_API_KEY` keeps it
json report[line=35].key ~ incremental
json report[line=36].verdict = not_possible
json report[line=48].verdict = not_possible
json report[line=51].text ~ its parent comments has a parent itself
json report[line=55].verdict = not_possible
json not_possible = 7

shell cat connections.yml sources/blog.yml
stdout
| connections:
|   blog:
|     type: http
|     url: "${env:BLOG_URL}"
|     headers: { Accept: application/json, X-Api-Key: "${secret:BLOG_X_API_KEY}" }
|     auth: { type: bearer, token: "${env:BLOG__TOKEN}" }
| # From `leat import`, made of blog.py. Its report says what of it means something else here.
| source: blog
| connection: blog
| tables:
|   - name: authors
|     path: /authors
|     params: { per_page: 100 }
|     pagination: { type: next_url, next: $.paging.next }
|     mode: full-refresh                      # every load reads all rows, as nothing tells which are new; rows that are gone from the source stay, with the time in _deleted_at
|     primary_key: [id]
|     soft_delete: true
|     # look at this: is the answer itself the list of rows? If not, say where it stands: `records: $.items`
|   - name: posts
|     path: /posts
|     params: { created_since: "{since}", sort: asc, per_page: 100 }
|     records: $.results
|     no_records: empty
|     pagination: { type: next_url, next: $.paging.next }
|     start: "<time>"
|     mode: incremental
|     update_key: created_at
|     primary_key: [id]
|   - name: comments
|     parent:                                 # asked for once for each of its rows
|       path: /posts
|       params: { sort: asc, per_page: 100 }
|       records: $.results
|       no_records: empty
|       pagination: { type: next_url, next: $.paging.next }
|     path: "/posts/{parent.id}/comments"
|     params: { per_page: 100 }
|     mode: full-refresh
|     primary_key: [id]
|     # look at this: is the answer itself the list of rows? If not, say where it stands: `records: $.items`
|     # look at this: how the API gives more rows than fit one answer has to be said: `pagination: { type: … }`; until then only the first answer is loaded
|     # look at this: all rows of posts are asked for as parents, dlt asks for new ones only
| # left out: a resource on line 55 (Leat runs no Python: repositories)
| # left out: likes (its parent comments has a parent itself, and one level is what there is)

shell printf abcdef-123 | $LEAT secret set BLOG_X_API_KEY
env BLOG_URL=http://127.0.0.1:9
env BLOG__TOKEN=some-token
run check

# The same in YAML: every paginator and authorisation, as text.
file kinds.yml
| client:
|   base_url: https://api.example.com/v1
|   auth: { type: oauth2_client_credentials, access_token_url: https://id.example.com/token, client_id: me, client_secret: literally-secret, access_token_request_data: { scope: read, resource: x } }
| resources:
|   - { name: a, write_disposition: append, endpoint: { data_selector: $, paginator: { type: page_number, base_page: 1, page_param: p, total_path: meta.pages, maximum_page: 3 } } }
|   - { name: b, write_disposition: append, endpoint: { data_selector: '[*]', paginator: { type: offset, limit: 50, offset_param: skip, limit_param: take, total_path: null, has_more_path: more } } }
|   - { name: c, write_disposition: { disposition: merge, strategy: scd2 }, endpoint: { data_selector: rows, paginator: { type: cursor, cursor_path: meta.next, cursor_param: after } } }
|   - { name: d, write_disposition: skip, endpoint: { data_selector: rows, paginator: single_page } }
|   - { name: e, write_disposition: append, endpoint: { path: 'e/{incremental.start_value}', data_selector: rows, paginator: header_cursor, incremental: { cursor_path: meta.at, last_value_func: min } }, columns: { n: { data_type: decimal } } }
|   - { name: f, write_disposition: replace, endpoint: { path: find, method: POST, json: { q: 'a{{b}}', n: 5, tags: [x, null] }, data_selector: "['odd name'][0]", paginator: header_link } }
|   - { name: g, endpoint: { path: 'g/{id}', method: PUT, params: { id: 7 } } }
|   - { name: h, endpoint: { path: 'h/{nowhere}' } }
|   - { name: i, endpoint: { path: 'i/{resources.a.x}/{resources.b.y}' } }

run import kinds.yml --output json
json sources[0].tables = ["a","b","c","e","f"]
json sources[0].left_out count = 4
json report[key=client.auth.access_token_request_data.resource].verdict = not_possible
shell cat sources/kinds.yml
stdout
| # From `leat import`, made of kinds.yml. Its report says what of it means something else here.
| source: kinds
| connection: kinds
| tables:
|   - name: a
|     path: /a
|     pagination: { type: page, param: p, start: 1, total: $.meta.pages }
|     mode: snapshot                          # nothing tells which rows are new: the whole extract is added each time that it changed
|   - name: b
|     path: /b
|     records: "$[*]"
|     no_records: empty
|     pagination: { type: offset, param: skip, size_param: take, size: 50, more: $.more }
|     mode: snapshot                          # nothing tells which rows are new: the whole extract is added each time that it changed
|   - name: c
|     path: /c
|     records: $.rows
|     no_records: empty
|     pagination: { type: cursor, param: after, next: $.meta.next }
|     mode: snapshot                          # the extract is only added when it changed; _loaded_at tells the states apart
|   - name: e
|     path: "/e/{since}"
|     records: $.rows
|     no_records: empty
|     fields: { meta_at: meta.at }
|     mode: append
|     update_key: meta_at
|     columns: [{ name: "n", data_type: "decimal(38,9)" }]
|     # look at this: how the API gives more rows than fit one answer has to be said: `pagination: { type: … }`; until then only the first answer is loaded
|   - name: f
|     path: /find
|     method: POST
|     body: "{\"q\": \"a{{b}\", \"n\": 5, \"tags\": [\"x\", null]}"
|     records: "$['odd name'][0]"
|     no_records: empty
|     pagination: { type: link }
|     mode: full-refresh
| # left out: d (write_disposition is skip)
| # left out: g (requests are GET or POST, not PUT)
| # left out: h (the path asks for {nowhere}, which is neither a parameter nor a resource)
| # left out: i (it asks for values of several resources)

shell grep -c literally-secret connections.yml sources/kinds.yml || true
stdout ~ connections.yml:0
shell sed -n '/^  kinds/,$p' connections.yml
stdout
|   kinds:
|     type: http
|     url: "https://api.example.com/v1"
|     auth:
|       type: oauth2
|       token_url: "https://id.example.com/token"
|       client_id: me
|       client_secret: "${secret:KINDS_CLIENT_SECRET}"
|       client_in: body
|       scope: read
shell printf literally-secret | $LEAT secret set KINDS_CLIENT_SECRET
run check

# And as JSON.
file one.json
| {"client": {"base_url": "https://api.example.com", "auth": {"type": "api_key", "name": "k", "api_key": "q1w2e3", "location": "query"}},
|  "resources": [{"name": "things", "write_disposition": "replace", "endpoint": {"path": "things/{id}", "params": {"id": 3, "tags": ["a", "b"]}}}]}

run import one.json --from dlt --output json
json sources[0].text ~ path: /things/3
json secrets = ["ONE_API_KEY"]
json connections ~ in: query

# What proves who asks is never written, wherever it stands.
file kept.yml
| client: { base_url: 'https://ann:hidden-1@api.example.com' }
| resource_defaults: { write_disposition: replace, endpoint: { data_selector: $, paginator: single_page } }
| resources:
|   - { name: a, endpoint: { path: 'a?api_key=hidden-2&n=1', params: { access_token: hidden-3, page_token: shown, key: shown } } }
|   - { name: b, endpoint: { path: b, method: post, json: { auth: { password: hidden-4, price: '${1}' } } } }
|   - { name: c, endpoint: { path: 'c/{token}', params: { token: hidden-3 }, data: 'client_secret=hidden-5&x=1', method: POST } }

run import kept.yml --output json
stdout ! hidden
json secrets = ["KEPT_PASSWORD","KEPT_ACCESS_TOKEN","KEPT_API_KEY","KEPT_PASSWORD_2","KEPT_TOKEN","KEPT_CLIENT_SECRET"]
shell grep -c hidden connections.yml sources/kept.yml || true
stdout ~ connections.yml:0
shell grep -E 'path|params|body|url' sources/kept.yml
stdout
|     path: "/a?api_key=${secret:KEPT_API_KEY}&n=1"
|     params: { access_token: "${secret:KEPT_ACCESS_TOKEN}", page_token: shown, key: shown }
|     path: /b
|     body: "{\"auth\": {\"password\": \"${secret:KEPT_PASSWORD_2}\", \"price\": \"$${1}\"}}"
|     path: "/c/${secret:KEPT_TOKEN}"
|     body: "client_secret=${secret:KEPT_CLIENT_SECRET}&x=1"
shell printf x-one-x | $LEAT secret set ONE_API_KEY
shell for name in PASSWORD ACCESS_TOKEN API_KEY PASSWORD_2 TOKEN CLIENT_SECRET; do printf x-$name-x | $LEAT secret set KEPT_$name; done
run check
