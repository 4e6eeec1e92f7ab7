# what: nested namespaces over REST: levels parted by %1F, parent listings page by page; leat sql calls them "a.b"
tags quick

run init . --name shop
serve
let v1 = /iceberg/v1/lake

http POST ${v1}/namespaces
| {"namespace": ["sales", "north"]}
status 404
json error.type = NoSuchNamespaceException
http POST ${v1}/namespaces
| {"namespace": ["sales"]}
status 200
foreach name north south west
http POST ${v1}/namespaces
| {"namespace": ["sales", "${name}"]}
status 200
endforeach
http POST ${v1}/namespaces
| {"namespace": ["sales", "north", "oslo"], "properties": {"owner": "ann"}}
status 200
http POST ${v1}/namespaces/sales%1Fnorth/properties
| {"updates": {"owner": "ann"}}
status 200

http GET ${v1}/namespaces?parent=sales
json namespaces count = 3
json namespaces[0][1] = north
json next-page-token = null
http GET ${v1}/namespaces?parent=sales&pageToken=&pageSize=2
json namespaces count = 2
let token = json next-page-token
http GET ${v1}/namespaces?parent=sales&pageToken=${token}&pageSize=2
json namespaces count = 1
json namespaces[0][1] = west
json next-page-token = null
http GET ${v1}/namespaces?parent=sales%1Fnorth
json namespaces[0][2] = oslo
http GET ${v1}/namespaces?parent=none
status 404
http GET ${v1}/namespaces?pageSize=none
status 400

http HEAD ${v1}/namespaces/sales%1Fnorth
status 204
http GET ${v1}/namespaces/sales%1Fnorth%1Foslo
json namespace count = 3
json properties.owner = ann
http POST ${v1}/namespaces/sales%1Fnorth/properties
| {"updates": {"region": "north"}, "removals": ["owner", "none"]}
status 200
json missing[0] = none
http GET ${v1}/namespaces/sales%1Fnorth
json properties.region = north
json properties.owner missing

http POST ${v1}/namespaces/sales%1Fnorth/tables
| {"name": "orders", "schema": {"type": "struct", "fields": [{"id": 0, "name": "id", "type": "long", "required": false}]}}
status 200
json metadata.location ~ /sales.north/orders-

# In SQL a nested namespace is one quoted name.
query I
| select count(*) from "sales.north".orders
----
0

run sql -c "select count(*) from sales.north.orders"
exit 2
error SQL-403
stderr ~ "sales.north".orders

# A dot parts levels, so that a level cannot have one.
http POST ${v1}/namespaces
| {"namespace": ["a.b"]}
status 400
json error.message ~ dot

http DELETE ${v1}/namespaces/sales%1Fnorth
status 409
json error.type = NamespaceNotEmptyException
http DELETE ${v1}/namespaces/sales%1Fsouth
status 204
http DELETE ${v1}/namespaces/sales%1Fsouth
status 404
stop
