# what: masked columns: the clear value is nowhere in warehouse and state; keys stay keys, rejected rows are masked, other masks are seen
tags quick

file leat.yml
| version: 1
| name: shop
| archive: false

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }
|   inbound: { type: csv, path: in }

env CUSTOMER_SALT=salt of sixteen letters

file sources/ops.yml
| connection: ops
| tables:
|   - name: customers
|     mode: incremental
|     update_key: changed
|     primary_key: [ssn]
|     reconcile: { every: 0 }
|     columns:
|       - { name: ssn, mask: { type: sha256, salt: '${env:CUSTOMER_SALT}' } }
|       - { name: email, mask: { type: sha256, salt: '${env:CUSTOMER_SALT}' } }
|       - { name: phone, mask: fixed }
|       - { name: born, mask: nothing }

file sources/inbound.yml
| connection: inbound
| tables:
|   - name: visits
|     files: 'visits_*.csv'
|     max_reject: 100%
|     structured: false
|     columns:
|       - { name: email, mask: { type: sha256, salt: '${env:CUSTOMER_SALT}' }, checks: [ not_null: { on_fail: quarantine } ] }
|       - { name: card, data_type: bigint, mask: { type: sha256, salt: '${env:CUSTOMER_SALT}' } }
|       - { name: note, mask: nothing }

sql ops.db ok
| create table customers (ssn bigint primary key, name text, email text, phone text, born date, changed timestamp);
| insert into customers values (7001234567, 'ann', 'ann.qzx@example.org', '+49 170 7654321', '1980-01-02', '2026-01-01'),
|  (7001234568, 'bob', 'bob.qzx@example.org', null, null, '2026-01-02'),
|  (7001234569, 'cid plain_name', null, '+49 170 7654322', '1990-01-02', '2026-01-02');

file in/visits_1.csv
| day,email,card,note
| 2026-01-01,ann.qzx@example.org,4111000011110000,qzx.note.one
| 2026-01-02,,4111000011110001,qzx.note.two
| 2026-01-03,bob.qzx@example.org,qzx.card.4111,qzx.note.three
| 2026-01-04,dan.qzx@example.org,4111000011110002,qzx.note.four,qzx.note.five

run run --output json
json steps[asset=source.ops.customers].rows_out = 3
json steps[asset=source.inbound.visits].rows_out = 1
json steps[asset=source.inbound.visits].rows_rejected = 3

query TTTT
| select name, email, phone, born from raw_ops.customers order by name
----
ann  f3518d487e21647d5aa6d2aa7ee0aa8fed5677c59ba826f2eab699fc3791d34f  ***   NULL
bob  8086e5b917a1d6bb463554a4fe27fbc4b9b165455e136bf2c076b7ea42a032cb  NULL  NULL
cid plain_name  NULL  ***   NULL

# The type in raw is the mask's; a column of nothing keeps its own; the structured copy follows.
query TTT
| select typeof(ssn), typeof(born), typeof(phone) from structured_ops.customers limit 1
----
VARCHAR  DATE  VARCHAR

# Equal values have one hash in every table, so they join.
query TTI
| select c.name, v.card, (v.note is null)::int from raw_inbound.visits v join raw_ops.customers c on c.email = v.email
----
ann  f7576bcec31064a84f6d2ec63b6799982e6a52d69fb061302276e8b4ddb8d1b5  1

# Rejected rows say where they stand and why, not what.
query TTTTI
| select origin, reason_code, "column", coalesce(nullif(payload, ''), '-'), masked::int from leat.rejected order by origin
----
in/visits_1.csv:3  check:source.inbound.visits.email.not_null  email  {"day":"2026-01-02","email":null,"card":"b3590767702910eccb1b66531d1c830798e92cc979c5699afe19e7a32c222535","note":null}  1
in/visits_1.csv:4  cast                                        card   -                                                             1
in/visits_1.csv:5  csv.too_many_columns                        (empty)  -                                                           1

# Nothing of it is in a file of the project's folder; a value that nobody masked is.
shell grep -raql 'plain_name' .leat && ! grep -raEl 'qzx|700123456|170 7654|4111000011|sixteen letters' .leat

# Rows find theirs by the masked key; a key that is gone is found by reconciliation.
sql ops.db ok
| update customers set email = 'ann.qzx.2@example.org', changed = '2026-01-03' where ssn = 7001234567;
| delete from customers where ssn = 7001234568;

run run --output json
json steps[asset=source.ops.customers].rows_updated = 1
json steps[asset=source.ops.customers].rows_deleted = 1

query IT
| select count(*), max(email) filter (where name = 'ann') from raw_ops.customers
----
2  f7b7c8c7198954856d906d3e5e189fe26bd476271922dc9e17d5d42077e11a8f

shell ! grep -raEl 'qzx|700123456|170 7654' .leat

# Another salt: no row would find its own by the key; elsewhere the load says that old rows have old masks.
env CUSTOMER_SALT=another of sixteen letters

file in/visits_2.csv
| day,email,card,note
| 2026-02-01,ann.qzx@example.org,4111000011110000,x

sql ops.db ok
| update customers set changed = '2026-01-04' where ssn = 7001234567;

run run --output json
exit 3
json steps[asset=source.ops.customers].error.code = RUN-569
json steps[asset=source.inbound.visits].checks_warned = 1
json steps[asset=source.inbound.visits].rows_out = 1

query I
| select count(distinct email) from raw_inbound.visits
----
2

env CUSTOMER_SALT=salt of sixteen letters

# A column that has another name now would come as it is: nothing is loaded.
file in/visits_3.csv
| day,mail,card,note
| 2026-03-01,eve.qzx@example.org,4111000011110000,x

run run --select source:inbound
exit 1
stdout ~ RUN-568
shell ! grep -raEl 'eve.qzx' .leat
