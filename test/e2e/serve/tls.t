# what: leat serve over TLS: https with a certificate, read again on SIGHUP, kept when the files are wrong
tags quick
require program openssl

run init . --name shop
shell for n in one two; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=$n -addext subjectAltName=IP:127.0.0.1 -keyout $n.key -out $n.pem 2>/dev/null; done; cp one.pem cert.pem; cp one.key key.pem; ls *.pem | wc -l
stdout 4

run serve --no-auth --listen 127.0.0.1:0 --tls-cert cert.pem
exit 2
error SERVE-105
run serve --no-auth --listen 127.0.0.1:0 --tls-cert none.pem --tls-key key.pem
exit 2
error SERVE-105
run serve --no-auth --listen 127.0.0.1:0 --tls-cert one.pem --tls-key two.key
exit 2
error SERVE-105

shell ( timeout 100 $LEAT serve --no-auth --listen 127.0.0.1:0 --tls-cert cert.pem --tls-key key.pem >serve.out 2>serve.err & echo $! >timeout.pid ); until grep -q listening serve.out; do :; done; pgrep -P $(cat timeout.pid) >serve.pid; sed 's/listening on //; s/[0-9]*$//' serve.out
stdout https://127.0.0.1:
shell curl -s --cacert one.pem $(sed 's/listening on //' serve.out)/healthz
json status = ok
shell curl -s --cacert one.pem "$(sed 's/listening on //' serve.out)/iceberg/v1/config?warehouse=lake"
json overrides.prefix = lake
# A body of some size, written and read.
shell head -c 3000000 /dev/zero | tr '\0' a | sed 's/^/{"namespace": ["/; s/$/"]}/' | curl -s --cacert one.pem -H 'Content-Type: application/json' --data-binary @- -o big.out -w '%{http_code}\n' "$(sed 's/listening on //' serve.out)/iceberg/v1/lake/namespaces"; wc -c <big.out | awk '{ print ($1 < 1000) }'
stdout
| 400
| 1
# Plain HTTP and old TLS are not spoken.
shell curl -s -m 10 "$(sed 's/listening on https/http/' serve.out)/healthz" || echo "no http"; curl -s -m 10 --tls-max 1.1 --cacert one.pem $(sed 's/listening on //' serve.out)/healthz || echo "no TLS 1.1"
stdout
| no http
| no TLS 1.1

# Another certificate, then a broken one.
shell cp two.pem cert.pem; cp two.key key.pem; kill -HUP $(cat serve.pid); timeout 20 sh -c 'until grep -q "certificate and its key were read again" serve.err; do :; done'; curl -s --cacert two.pem $(sed 's/listening on //' serve.out)/healthz
json status = ok
shell echo x >cert.pem; kill -HUP $(cat serve.pid); timeout 20 sh -c 'until grep -q SERVE-105 serve.err; do :; done'; curl -s --cacert two.pem $(sed 's/listening on //' serve.out)/healthz
json status = ok
shell kill $(cat serve.pid); while kill -0 $(cat serve.pid) 2>/dev/null; do :; done; echo ended
stdout ended
