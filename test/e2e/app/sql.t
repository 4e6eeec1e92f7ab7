# what: leat sql: every form of output, scripts, one commit per script, errors with their place, refusals
tags quick

run init . --name shop
run run
exit 0

run sql -c "select order_id, customer, amount, null as nothing, '' as blank, 'a,\"b' as odd from raw_shop.orders order by 1 limit 1"
stdout
| order_id  customer  amount  nothing  blank  odd
|        1  Ada        19.90     NULL         a,"b

run sql -o csv -c "select order_id, null as nothing, '' as blank, 'a,\"b' as odd from raw_shop.orders order by 1 limit 1"
stdout
| order_id,nothing,blank,odd
| 1,,"","a,""b"

run sql -o json -c "select order_id, amount, null as nothing, true as yes, 12345678901234567890::hugeint as big from raw_shop.orders order by 1 limit 1"
json [0].amount = 19.9
json [0].nothing = null
json [0].yes = true

run sql -o markdown -c "select 1 as a, 'x|y' as b"
stdout
| | a | b |
| | --- | --- |
| | 1 | x\|y |

# Several statements, from a file and from standard input.
file script.sql
| -- two statements
| select 1 as a;
| select count(*) as n from leat.runs where status = 'success' -- the second ends without a semicolon
run sql script.sql -o csv
stdout
| a
| 1
| n
| 1

run sql -o csv
| select 'from standard input; with a semicolon' as text;
stdout
| text
| from standard input; with a semicolon

# Parquet appears when it is complete.
run sql -o parquet --file out.parquet -c "select * from raw_shop.orders"
shell test -s out.parquet && test ! -e out.parquet.part && head -c 4 out.parquet
stdout PAR1

run sql -o parquet -c "select 1"
exit 2
error APP-103

run sql -o csv --file out.csv -c "select 1 as a"
shell cat out.csv
stdout
| a
| 1

# A place inside the statement.
run sql -c "select a from raw_shop.ordres"
exit 2
error SQL-403
stderr ~ raw_shop.orders
stderr ~ ^^^^

run sql -c "selec 1"
error SQL-200

foreach statement "delete from raw_shop.orders" "create table x (a int)" "drop table raw_shop.orders" "copy (select 1) to 'x.csv'" "attach 'x.db'" "set threads = 1"
run sql -c "${statement}"
error APP-201
endforeach

foreach statement "select * from 'inbound/orders_2026-11-01.csv'" "select * from read_csv('inbound/orders_2026-11-01.csv')" "select getenv('HOME')"
run sql -c "${statement}"
error SQL-402
endforeach

query I
| select count(*) from raw_shop.orders
----
3

run sql --as-of 1 --ref env/x -c "select 1"
exit 2
error APP-103

# Several words that are no file are a statement; one word is a file.
run sql "select count(*) as n from raw_shop.orders" -o csv
stdout
| n
| 3

run sql none.sql
error IO-201
