#!/bin/sh
# Runs a private object store (versitygw) for tests: test/support/s3_server.sh FOLDER
# Makes FOLDER (which must not exist) with the bucket "lake", writes the store's address into FOLDER/url and runs it in the
# foreground until it is stopped (TERM) or its parent process ends. It listens on a free port of 127.0.0.1. Keys: leat-test-key,
# leat-test-secret. FOLDER/data/<bucket> holds the objects as files. It is ready when FOLDER/url/health answers.
set -eu
folder=$1
gateway=${LEAT_DEPS:?}/versitygw/versitygw
mkdir -m 0700 "$folder"
mkdir -p "$folder/data/lake" "$folder/meta" "$folder/users"
# A free port: one that nobody answers on; the server itself refuses to start when it lost the race.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo "http://127.0.0.1:$port" >"$folder/url.new"
mv "$folder/url.new" "$folder/url"
exec setpriv --pdeathsig TERM "$gateway" --access leat-test-key --secret leat-test-secret --port "127.0.0.1:$port" --quiet \
  --health /health --iam-dir "$folder/users" posix --sidecar "$folder/meta" "$folder/data" >"$folder/log" 2>&1 </dev/null
