# what: names count without their namespaces; `namespaces:` tells them apart, and a record in which they cannot be told apart is rejected
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 60% }

file connections.yml
| connections:
|   inbound: { type: xml, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: loose, files: 'rss.xml', record: /rss/channel/item, structured: false }
|   - name: exact
|     files: 'rss.xml'
|     record: /rss/channel/item
|     namespaces: { media: 'http://search.yahoo.com/mrss/', dc: 'http://purl.org/dc/elements/1.1/' }
|     structured: false

file in/rss.xml
| <rss xmlns:m="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
|   <item><title>one</title><dc:creator>A</dc:creator></item>
|   <item><title>two</title><m:title>zwei</m:title></item>
| </channel></rss>
run run --output json
json steps[asset=source.shop.loose].rows_in = 2
json steps[asset=source.shop.loose].rows_rejected = 1
json steps[asset=source.shop.exact].rows_rejected = 0
query TT
| select title, creator from raw_shop.loose
----
one  A

query TTTT
| select reason_code, "column", message, origin from leat.rejected
----
xml.two_namespaces  title  two namespaces have title in this record: tell them apart with `namespaces:`  in/rss.xml:2

query TTT sorted
| select title, "dc:creator", "media:title" from raw_shop.exact
----
one  A  NULL
two  NULL  zwei
