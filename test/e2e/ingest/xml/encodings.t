# what: a document is read in the encoding that it declares, or in the one that `encoding:` names; space around texts is kept or left out
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   inbound: { type: xml, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: own, files: 'own_*.xml', structured: false }
|   - { name: named, files: 'named.xml', encoding: euc-jp, whitespace: trim, structured: false }

file own.txt
| <?xml version="1.0" encoding="ENCODING"?><r><i><name> Größe €</name></i></r>
shell mkdir -p in && for e in UTF-8 UTF-16 UTF-16BE ISO-8859-15 windows-1252; do (test $e != UTF-16BE || printf '\376\377'; sed "s/ENCODING/${e%BE}/" own.txt | iconv -f utf-8 -t $e) >in/own_$e.xml; done; printf '<?xml version="1.0" encoding="EUC-JP"?><r><i><name> 日本 </name></i></r>' | iconv -f utf-8 -t euc-jp >in/named.xml
run run --output json
json steps[asset=source.shop.own].rows_out = 5
query TI
| select '[' || name || ']', count(*) from raw_shop.own group by 1
----
[ Größe €]  5

query T
| select '[' || name || ']' from raw_shop.named
----
[日本]
