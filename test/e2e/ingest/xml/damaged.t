# what: documents that are not well-formed, or ask for what is not in them, are bad files, named with line and column; nothing of them is seen
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   inbound: { type: xml, path: in, on_bad_file: skip }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: items, files: 'items_*.xml', record: /feed/item, structured: false }

file in/items_good.xml
| <feed><item id="1"/></feed>
file in/items_mismatch.xml
| <feed>
|   <item id="2"><a>1</b></item>
| </feed>
file in/items_csv.xml
| id,amount
| 1,2
file in/items_other.xml
| <catalog><book id="1"/></catalog>
file in/items_two.xml
| <feed><item id="3"/></feed>
| <feed/>
file in/items_bomb.xml
| <!DOCTYPE feed [
|  <!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
| ]>
| <feed><item id="&b;"/></feed>
file in/items_outside.xml
| <!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]>
| <feed><item>&a;</item></feed>
file in/items_entity.xml
| <!DOCTYPE feed SYSTEM "feed.dtd">
| <feed><item name="caf&eacute;"/></feed>
shell cd in && printf '<feed><item id="4"/><item id="5"' >items_cut.xml && printf '<feed><item>J\366rg</item></feed>' >items_latin.xml && printf '<?xml version="1.0" encoding="EUC-JP"?><feed/>' >items_japan.xml && (head -c 300 /dev/zero | sed 's/\x00/<a>/g') >items_deep.xml
run run --output json
json steps[asset=source.shop.items].rows_out = 1
json steps[asset=source.shop.items].rows_rejected = 11
query TT sorted
| select origin, message from leat.rejected where reason_code = 'file'
----
in/items_bomb.xml  table items: in/items_bomb.xml:2:13: the document declares the entity a: entities of a document are not expanded
in/items_csv.xml  table items: in/items_csv.xml:1:1: this is no XML
in/items_cut.xml  table items: in/items_cut.xml:1:21: the document is cut off
in/items_deep.xml  table items: in/items_deep.xml:1:181: elements stand inside of each other more than 60 levels deep
in/items_entity.xml  table items: in/items_entity.xml:2:7: the entity &eacute; is not XML's own, and entities of a document are not expanded
in/items_japan.xml  table items: in/items_japan.xml:1:31: the encoding 'EUC-JP' is not read from a document; name it as the `encoding:`
in/items_latin.xml  table items: in/items_latin.xml:1:14: not well-formed (invalid token)
in/items_mismatch.xml  table items: in/items_mismatch.xml:2:22: the end of another element than the one that is open
in/items_other.xml  table items: in/items_other.xml has nothing at /feed/item; its elements are: /catalog, /catalog/book
in/items_outside.xml  table items: in/items_outside.xml:1:55: the document declares the entity a: entities of a document are not expanded
in/items_two.xml  table items: in/items_two.xml:2:1: more stands behind the document

# Without `skip` a bad file stops its table; so does a path that is none.
file connections.yml
| connections:
|   inbound: { type: xml, path: in }
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: cut, files: 'items_cut.xml', structured: false }
|   - { name: path, files: 'items_good.xml', record: 'feed/item', structured: false }
|   - { name: around, files: 'items_good.xml', fields: { day: day }, structured: false }
|   - { name: other, files: 'items_other.xml', record: /feed/item, structured: false }
run run --output json
exit 1
json steps[asset=source.shop.cut].error.code = SRC-330
json steps[asset=source.shop.path].error.code = SRC-331
json steps[asset=source.shop.around].error.code = SRC-331
json steps[asset=source.shop.other].error.code = SRC-332
