# what: long texts and binary values are cut, left out or become files, with size and hash beside them; nothing is cut unseen
tags quick

file leat.yml
| version: 1
| name: shop
| landing: kept

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     mode: incremental
|     update_key: changed
|     primary_key: [id]
|     structured: false
|     columns:
|       - { name: body, large_values: { over: 16B } }
|       - { name: note, large_values: { over: 16B, keep: nothing } }
|       - { name: scan, large_values: { over: 16B, keep: file } }

# 16 bytes end within the ö of the second; a part of a character is none.
sql ops.db ok
| create table docs (id integer primary key, body text, note text, scan blob, changed timestamp);
| insert into docs values (1, 'short', 'short', x'00ff', '2026-01-01'),
|  (2, 'fifteen lettersö and more', 'this note is too long', x'000102030405060708090a0b0c0d0e0f10', '2026-01-02'),
|  (3, 'just 16 letters.', null, x'000102030405060708090a0b0c0d0e0f10', '2026-01-02'),
|  (4, null, '', null, '2026-01-02');

run run

query ITITITTI
| select id, body, body__bytes, note, note__bytes, hex(scan), scan__file, scan__bytes from raw_ops.docs order by id
----
1  short             5     short  5     00FF  NULL                                                                                          2
2  fifteen letters   26    NULL   21    NULL  ops/docs/values/3e/3e5718fea51a8f3f5baca61c77afab473c1810f8b9db330273b4011ce92c787e  17
3  just 16 letters.  16    NULL   NULL  NULL  ops/docs/values/3e/3e5718fea51a8f3f5baca61c77afab473c1810f8b9db330273b4011ce92c787e  17
4  NULL              NULL  (empty)  0     NULL  NULL                                                                                          NULL

# Equal values are one file, with the very bytes.
shell find kept -type f | wc -l && cat kept/ops/docs/values/3e/* | sha256sum
stdout ~ 1
stdout ~ 3e5718fea51a8f3f5baca61c77afab473c1810f8b9db330273b4011ce92c787e

# Hashes are those of the whole values.
query I
| select count(*) from raw_ops.docs where body__sha256 = sha256('fifteen lettersö and more') or note__sha256 = sha256('this note is too long')
|   or scan__sha256 = sha256(unhex('000102030405060708090a0b0c0d0e0f10'))
----
2

# A change behind the cut is a change.
sql ops.db ok
| update docs set body = 'fifteen lettersö and less', changed = '2026-01-03' where id = 2;

run run --output json
json steps[asset=source.ops.docs].rows_updated = 1

query TI
| select body, (body__sha256 = sha256('fifteen lettersö and less'))::int from raw_ops.docs where id = 2
----
fifteen letters  1

# A number has no length to cut.
file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     mode: full-refresh
|     structured: false
|     columns:
|       - { name: id, large_values: { over: 16B } }

run run
exit 1
stdout ~ RUN-560

# A key is compared as a whole; sizes have a unit.
file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     mode: incremental
|     update_key: changed
|     primary_key: [body]
|     columns:
|       - { name: body, large_values: { over: 16B } }

run check
exit 2
error PROJ-209
stderr ~ is a key

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: body, large_values: { over: 4B, keep: end } }

run check
exit 2
error CFG-107
