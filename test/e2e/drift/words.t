# what: words of `drift` and `renames` that cannot be kept are shown with their place
include sqlite.inc

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, drift: evolv }
run check
exit 2
error PROJ-219 at sources/ops.yml:3:28
stderr ~ evolve

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: truncate, drift: { type_change: evolve } }
run check
exit 2
error PROJ-219

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, drift: { key_changed: quarantine } }
run check
exit 2
error CFG-107

file sources/ops.yml
| connection: ops
| drift: quarantine
| tables:
|   - { name: people, drift: { additive: evolve } }
run check
