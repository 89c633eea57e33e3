#!/usr/bin/env bash
# Writes requirements/*.txt from pyproject.toml: every package pinned with its hashes, no index address.
# Runs `uv` from the PATH or the virtual environment. Without arguments existing pins stay where they still fit;
# with `--upgrade` everything moves to its newest release.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly UV="$(command -v uv || echo .venv/bin/uv)"

lock() {
  local output=$1
  shift
  "$UV" pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
    --no-emit-index-url \
    --custom-compile-command ".ci/lock.sh" --output-file "requirements/$output" "$@"
}

# PyGithub asks for cryptography to sign as a GitHub App, which no action does: 5 MB of the image for nothing.
lock runtime.txt pyproject.toml --no-emit-package cryptography "$@"
lock build.txt requirements/build.in "$@"
lock dev.txt pyproject.toml --extra dev --constraint requirements/runtime.txt "$@"
lock bench.txt pyproject.toml --extra dev --extra bench --constraint requirements/dev.txt "$@"
lock audit.txt requirements/audit.in "$@"
