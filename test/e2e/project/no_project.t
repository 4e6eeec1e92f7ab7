# what: outside of a project every command says how to start one
tags quick

run check
exit 2
error PROJ-101
stderr ~ leat init

run run
exit 2
error PROJ-101
