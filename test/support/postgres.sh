#!/bin/sh
# Runs a private PostgreSQL for tests: test/support/postgres.sh FOLDER
# Makes a cluster in FOLDER (which must not exist), writes its URL into FOLDER/url and runs the server in the foreground
# until it is stopped (INT) or its parent process ends. It listens on a socket in FOLDER and on a free port of 127.0.0.1.
# The server is ready when a client can connect. Remove FOLDER afterwards.
set -eu
folder=$1
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
mkdir -m 0755 "$folder"
as=""
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
$as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$folder/initdb.log" 2>&1 </dev/null
# A free port: one that nobody answers on; the server itself refuses to start when it lost the race.
port=$(( 20000 + ($$ * 7919) % 12000 ))
while "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -t 1; do port=$((port + 1)); done
echo "postgresql://postgres@127.0.0.1:$port/postgres" >"$folder/url"
cd /
exec ${as:-setpriv} --pdeathsig INT "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
  -c "unix_socket_directories=$folder" -c max_connections=200 -c fsync=off -c logging_collector=off >"$folder/log" 2>&1 </dev/null
