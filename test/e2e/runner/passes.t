# what: the directives that need no engine do what test/runner/README.md says
tags quick

file in/a.txt
| first ${dir}
| second

shell
| cat in/a.txt
| echo id 0192e4a1-7c3b-7def-8abc-0123456789ab at 2026-11-21T02:03:04Z took 1.25 s
stdout ~ second
stdout re: ^sec.nd$
stdout ! third
stdout
| first <dir>
| second
| id <uuid> at <time> took <seconds>

sql in/shop.db ok
| create table t as select 1 as a;

sql in/shop.db error
| select * from missing;

shell
| echo '{"a": {"b": [{"k": "x", "v": 1}, {"k": "y", "v": 2.5}]}, "s": "text"}'
json a.b[1].v = 2.5
json a.b[k=y].v = 2.5
json a.b count = 2
json a.c missing
json s ~ ex
let value = json a.b[k=x].k
same ${value} x
same not ${value} y

foreach code 0 3
shell exit ${code}
exit ${code}
endforeach

loop i 1 3
append numbers
| ${i}
endloop
shell cat numbers
stdout
| 1
| 2
| 3
