# what: elements at a path of XML documents are rows: attributes, elements and lists as documented, values exact, types once from all of them
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
|   - name: items
|     files: 'feed_*.xml*'
|     record: /feed/items/item
|     lists: [tag, lines/line]
|     fields: { feed_day: ../../@day }
|   - { name: plain, files: 'plain.xml', structured: false }
|   - name: typed
|     files: 'plain.xml'
|     structured: false
|     columns:
|       - { name: n, data_type: 'decimal(9,3)' }
|       - { name: '@id', data_type: string }

file in/feed_1.xml
| <?xml version="1.0" encoding="UTF-8"?>
| <feed xmlns="urn:feed" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" day="2026-11-01">
|   <title>not a record</title>
|   <items>
|     <item id="1" code="007">
|       <price currency="EUR">12345678901234567.89</price><qty/><sold>2026-11-01T10:00:00Z</sold>
|       <note>two
| lines &amp; <![CDATA[<b>]]></note><tag>a</tag><empty></empty>
|       <lines><line n="1">x</line></lines>
|     </item>
|     <item id="2" code="042"><price currency="USD">0.10</price><qty>3</qty><tag>b</tag><tag>c</tag><note xsi:nil="true"/></item>
|   </items>
|   <items><item id="3" code="100"><qty>4</qty></item></items>
| </feed>
file in/plain.xml
| <rows><row id="1"><n>1.5</n></row><row id="2"><n>1.2345</n></row><row id="3"><n>x</n></row><row id="4"><n/></row></rows>
shell printf '<?xml version="1.0" encoding="iso-8859-1"?><feed day="2026-11-02"><items><item id="4" code="1"><note>J\366rg</note></item></items></feed>' | gzip >in/feed_2.xml.gz; printf '<feed><items/></feed>' >in/feed_3.xml; : >in/feed_4.xml
run run --output json
json steps[asset=source.shop.items].rows_in = 4
json steps[asset=source.shop.items].rows_out = 4
json steps[asset=source.shop.typed].rows_rejected = 2
query ITTITT
| select "@id", "@code", price, qty, sold, replace(note, chr(10), '/') from raw_shop.items order by 1
----
1  007  12345678901234567.89  NULL  2026-11-01 10:00:00+00  two/lines & <b>
2  042  0.10  3  NULL  NULL
3  100  NULL  4  NULL  NULL
4  1  NULL  NULL  NULL  Jörg

query TTTTTT
| select "price@currency", tag, "lines", '[' || empty || ']', feed_day, _source_file || ':' || _source_row from raw_shop.items order by "@id"
----
EUR  ["a"]  {"line":[{"@n":"1","#text":"x"}]}  []  2026-11-01  in/feed_1.xml:1
USD  ["b","c"]  NULL  NULL  2026-11-01  in/feed_1.xml:2
NULL  NULL  NULL  NULL  2026-11-01  in/feed_1.xml:3
NULL  NULL  NULL  NULL  2026-11-02  in/feed_2.xml.gz:1

query TTTT
| select typeof(price), typeof(qty), typeof(sold), typeof("@code") from raw_shop.items limit 1
----
DECIMAL(38,2)  BIGINT  TIMESTAMP WITH TIME ZONE  VARCHAR

# The structured copy has clean names.
query ITT
| select id, price_currency, code from structured_shop.items where id < 3 order by id
----
1  EUR  007
2  USD  042

# Without a path the elements in the root are the records. A value that is not one of the declared type rejects its row.
query TT
| select "@id", n from raw_shop.plain order by 1
----
1  1.5
2  1.2345
3  x
4  (empty)

query TT
| select "@id", n from raw_shop.typed order by 1
----
1  1.500
4  NULL

query TTTT
| select reason_code, "column", origin, payload from leat.rejected order by origin
----
cast  n  in/plain.xml:2  {"@id":"2","n":"1.2345"}
cast  n  in/plain.xml:3  {"@id":"3","n":"x"}

# A new element is a column of its own, also late in a file; nothing is read twice.
file in/feed_5.xml
| <feed><items><item id="5" code="5"/><item id="6" code="6"><late>1</late></item></items></feed>
run run --output json
json steps[asset=source.shop.items].rows_out = 2
query IT
| select "@id", late from raw_shop.items where "@id" > 4 order by 1
----
5  NULL
6  1

run run --output json
json status = nothing
