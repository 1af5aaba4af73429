# SPDX-License-Identifier: MIT
# A PostgreSQL server of a test's own in $work/server, on a Unix socket there, with passwords and roles as a real one has
# them. To be sourced, after lib/needs.sh.
# shellcheck shell=bash disable=SC2154

server=$work/server
boss="host=$server port=5432 user=boss dbname=postgres"

as_server() {
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid "$server_user" --regid "$(id -g "$server_user")" --clear-groups -- "$@"
  fi
  exec "$@"
}
ask() { "$binaries/psql" -X -q -At "$boss" -c "$1"; }

# Serves until stop_postgresql.
serve_postgresql() {
  as_server "$binaries/postgres" -D "$server/data" -k "$server" -p 5432 -F -c listen_addresses= \
    -c dynamic_shared_memory_type=mmap >>"$work/server.log" 2>&1 &
  postmaster=$!
  for _ in $(seq 600); do
    ask "SELECT 1" >"$work/answer" 2>&1 && return
    sleep 0.05
  done
  cat "$work/server.log"
  exit 1
}

stop_postgresql() {
  kill -INT "$postmaster"
  wait "$postmaster" || true
  postmaster=
}

# Roles scrammy and emdy must say a password, plain must not; in the database `locked` nobody makes tables.
start_postgresql() {
  binaries=$(command -v initdb || { find /usr/lib/postgresql /usr/pgsql-* -name initdb 2>/dev/null || true; } | sort -V | tail -1)
  binaries=$(dirname "$(readlink -f "${binaries:-none}")")
  [ -x "$binaries/postgres" ] || skip "no PostgreSQL (apt-get install postgresql)"
  server_user=$(id -un postgres 2>/dev/null || echo nobody)
  mkdir "$server"
  [ "$(id -u)" != 0 ] || chown "$server_user" "$server"
  (cd / && as_server "$binaries/initdb" -A trust -N -U boss --locale=C -E UTF8 -D "$server/data") >"$work/server.log" 2>&1 ||
    { cat "$work/server.log"; exit 1; }
  printf 'local all %s\n' 'scrammy scram-sha-256' 'emdy md5' 'all trust' >"$server/data/pg_hba.conf"
  cd /
  serve_postgresql
  ask "SET password_encryption = 'scram-sha-256'; CREATE ROLE scrammy LOGIN PASSWORD 'scram@secret'"
  ask "SET password_encryption = 'md5'; CREATE ROLE emdy LOGIN PASSWORD 'md5/secret'; CREATE ROLE plain LOGIN"
  ask "GRANT CREATE ON DATABASE postgres TO scrammy, emdy"
  ask "CREATE DATABASE locked"
  ask "REVOKE ALL ON DATABASE locked FROM PUBLIC; GRANT CONNECT ON DATABASE locked TO PUBLIC"
}
