# what: excluded columns of files are not taken, new ones neither; the others are found by their names
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   lines: { type: csv, path: in }
|   objects: { type: jsonl, path: in }
|   records: { type: xml, path: in, record: /r/p }
|   whole: { type: json, path: in }

file sources/lines.yml
| connection: lines
| tables:
|   - { name: people, files: '*.csv', mode: append, exclude: [password, 'TMP_*'] }

file sources/objects.yml
| connection: objects
| tables:
|   - { name: people, files: '*.jsonl', mode: append, exclude: [password, 'tmp_*'] }

file sources/records.yml
| connection: records
| tables:
|   - { name: people, files: '*.xml', mode: append, exclude: [password, 'tmp_*'] }

file sources/whole.yml
| connection: whole
| tables:
|   - { name: people, files: '*.json', mode: append, exclude: [password, 'tmp_*'] }

file in/1.csv
| id,password,tmp_a,name
| 1,secret,a,ann

file in/1.jsonl
| {"id": 1, "password": "secret", "tmp_a": {"x": 1}, "name": "ann"}

file in/1.xml
| <r><p><id>1</id><password>secret</password><tmp_a>a</tmp_a><name>ann</name></p></r>

file in/1.json
| [{"id": 1, "password": "secret", "tmp_a": 1, "name": "ann"}]

run run
shell for t in lines objects records whole; do ${leat} sql --output csv -c "select column_name from (describe raw_$t.people)" | grep -v "^_" | paste -sd " "; done
stdout
| column_name id name
| column_name id name
| column_name id name
| column_name id name

# the columns stand elsewhere, and one more that is excluded is there
file in/2.csv
| tmp_b,name,id,password
| b,bob,2,secret

file in/2.jsonl
| {"tmp_b": 1, "name": "bob", "password": "secret", "id": 2}

file in/2.xml
| <r><p><tmp_b>1</tmp_b><name>bob</name><password>secret</password><id>2</id></p></r>

file in/2.json
| [{"tmp_b": 1, "name": "bob", "password": "secret", "id": 2}]

run run
shell for t in lines objects records whole; do ${leat} sql --output csv -c "select column_name from (describe raw_$t.people)" | grep -v "^_" | paste -sd " "; done
stdout
| column_name id name
| column_name id name
| column_name id name
| column_name id name

query IT
| select id, name from raw_lines.people union all select id, name from raw_objects.people union all select id, name from raw_records.people union all select id, name from raw_whole.people order by 1
----
1  ann
1  ann
1  ann
1  ann
2  bob
2  bob
2  bob
2  bob
