# what: an OpenAPI document in several files: those beside and below it are read, each reference from where it stands; others are named
tags quick

file leat.yml
| version: 1
| name: shop

file spec/api.yaml
| openapi: 3.0.3
| info: { title: Shop, version: "1" }
| servers: [ { url: "https://api.example.com" } ]
| components: { schemas: { Here: { type: object, properties: { id: { type: integer } } } } }
| paths:
|   /orders: { $ref: 'paths/orders.yaml' }
|   /people:
|     get: { responses: { '200': { content: { application/json: { schema: { type: array, items: { $ref: './schemas.yaml#/Person' } } } } } } }
|   /gone: { $ref: 'paths/gone.yaml' }
|   /outside: { $ref: '../outside.yaml' }
|   /far: { $ref: 'https://example.com/far.yaml' }
file spec/paths/orders.yaml
| get:
|   parameters: [{ $ref: '../schemas.yaml#/Page' }]
|   responses: { '200': { content: { application/json: { schema: { type: array, items: { $ref: '../api.yaml#/components/schemas/Here' } } } } } }
file spec/schemas.yaml
| Page: { name: page, in: query, schema: { type: integer } }
| Person: { $ref: 'deep/person.json#/definitions/Person' }
file spec/deep/person.json
| {"definitions": {"Person": {"type": "object", "properties": {"uuid": {"$ref": "#/definitions/Id"}, "boss": {"$ref": "../schemas.yaml#/Person"}}}, "Id": {"type": "string"}}}
file outside.yaml
| get: { responses: { '200': { content: { application/json: { schema: { type: array, items: { type: object } } } } } } }

run add source shop --openapi spec/api.yaml --output json
json added = ["orders","people"]
json left_out count = 3
shell grep -E 'primary_key|pagination: \{|left out' sources/shop.yml
stdout
|     pagination: { type: page, param: page } # parameter `page`; it ends with the first answer that has fewer rows
|     primary_key: [id]                       # the rows' id; is it the only one of its kind?
|     primary_key: [uuid]                     # the rows' uuid; is it the only one of its kind?
| # left out: /gone (what describes it is no file beside or below the document: paths/gone.yaml)
| # left out: /outside (what describes it is no file beside or below the document: ../outside.yaml)
| # left out: /far (what describes it is no file beside or below the document: https://example.com/far.yaml)

# A file that is no YAML is an error with its place.
file spec/schemas.yaml
| Page: { name: page
shell rm sources/shop.yml connections.yml
run add source shop --openapi spec/api.yaml
exit 2
error CFG-101
stderr ~ spec/schemas.yaml
