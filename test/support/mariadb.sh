#!/bin/sh
# Runs a private MariaDB for tests: test/support/mariadb.sh FOLDER
# Makes a server's data in FOLDER (or takes what was made there before), writes its port into FOLDER/port and runs it in the foreground
# until it is stopped or its parent process ends. Socket: FOLDER/socket. User root without password. Remove FOLDER afterwards.
set -eu
folder=$1
as=""
user=$(id -un)
if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=mysql --regid=mysql --clear-groups"; user=mysql; fi
if [ ! -e "$folder/port" ]; then
  mkdir -p -m 0755 "$folder"
  [ -z "$as" ] || chown mysql "$folder"
  $as mariadb-install-db --no-defaults --datadir="$folder/data" --user="$user" --auth-root-authentication-method=normal --skip-test-db \
    >"$folder/install.log" 2>&1 </dev/null
  # A free port: one that nobody answers on; the server itself refuses to start when it lost the race.
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >"$folder/port"
fi
cd /
exec ${as:-setpriv} --pdeathsig TERM "$(command -v mariadbd || echo /usr/sbin/mariadbd)" --no-defaults --datadir="$folder/data" --port="$(cat "$folder/port")" \
  --bind-address=127.0.0.1 --socket="$folder/socket" --pid-file="$folder/pid" --innodb-flush-log-at-trx-commit=1 --skip-log-bin \
  --character-set-server=utf8mb4 --max-connections=200 >>"$folder/log" 2>&1 </dev/null
