# what: each kind of mismatch fails a test, with the place, and makes the runner exit with 1; --update mends blocks
tags quick

file exit.t
| shell exit 3

file text.t
| shell echo hello
| stdout ~ goodbye

file block.t
| shell echo hello
| stdout
| | goodbye

file json.t
| shell echo '{"a": 1}'
| json a = 2

file unknown.t
| runn version

foreach name exit text block json unknown
shell ${runner} --leat ${leat} ${name}.t
exit 1
stdout ~ FAILED ${name}.t
stdout re: ${name}\.t:[12]
stdout ~ 0 passed, 1 failed
endforeach

shell ${runner} --leat ${leat} --update block.t && ${runner} --leat ${leat} block.t
stdout ~ 1 passed, 0 failed
