#!/bin/sh
# Runs a private PostgreSQL for tests: test/support/postgres.sh FOLDER [options of postgres, such as -c name=value]
# Makes a cluster in FOLDER (or takes the one that was made there before), writes its URL into FOLDER/url and runs the server in
# the foreground until it is stopped (INT: at once, QUIT: as after a crash) or its parent process ends. It listens on a socket in
# FOLDER and on a port of 127.0.0.1 that stays the same. The server is ready when a client can connect. Remove FOLDER afterwards.
# LEAT_POSTGRES_FSYNC=on: durable, for figures; off otherwise.
set -eu
folder=$1
shift
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
as=""
if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
if [ ! -e "$folder/url" ]; then
  mkdir -m 0755 "$folder"
  [ -z "$as" ] || chown postgres "$folder"
  $as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$folder/initdb.log" 2>&1 </dev/null
  # A free port: one that nobody answers on; the server itself refuses to start when it lost the race.
  port=$(( 20000 + ($$ * 7919) % 12000 ))
  while "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -t 1; do port=$((port + 1)); done
  echo "postgresql://postgres@127.0.0.1:$port/postgres" >"$folder/url.new"
  mv "$folder/url.new" "$folder/url"  # who waits for the file finds it whole
fi
port=$(sed 's/.*:\([0-9]*\).*/\1/' "$folder/url")
cd /
exec ${as:-setpriv} --pdeathsig INT "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
  -c "unix_socket_directories=$folder" -c max_connections=200 -c "fsync=${LEAT_POSTGRES_FSYNC:-off}" -c logging_collector=off "$@" \
  >>"$folder/log" 2>&1 </dev/null
