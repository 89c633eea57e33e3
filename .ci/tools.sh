#!/usr/bin/env bash
# act and actionlint at pinned versions, built from source by Go.
#
#   export PATH="$(.ci/tools.sh):$PATH"
#
# Prints the folder they are in. Running it again is cheap.
set -euo pipefail

readonly ACT=v0.2.89 ACTIONLINT=v1.7.12
readonly BIN="${XDG_CACHE_HOME:-/var/cache}/verdict-actions/bin-$ACT-$ACTIONLINT"

build() {
  local name=$1 package=$2
  [ -x "$BIN/$name" ] && return
  echo "tools: building $name from $package" >&2
  GOBIN="$BIN" go install "$package" >&2
}

command -v go >/dev/null || {
  echo "tools: Go is needed to build act and actionlint, and is not on the PATH" >&2
  exit 1
}
mkdir -p "$BIN"
build act "github.com/nektos/act@$ACT"
build actionlint "github.com/rhysd/actionlint/cmd/actionlint@$ACTIONLINT"
echo "$BIN"
