#!/usr/bin/env bash
# A container engine and the base image of our Dockerfile, on a machine that may have neither and can pull nothing.
#
#   eval "$(.ci/containers.sh)"     afterwards `docker build`, `docker run` and act work in this shell
#
# With a working Docker engine it prints nothing and changes nothing. Otherwise it needs root on Debian: it installs
# Podman, starts its API service (which ends by itself after an hour without a request) and, where the base image is
# missing, bootstraps it from Debian's packages. Running it again is cheap. Everything but the exports goes to stderr.
set -euo pipefail

readonly BASE_IMAGE=docker.io/library/debian:trixie-slim
readonly SUITE=trixie
readonly CACHE="${XDG_CACHE_HOME:-/var/cache}/verdict-actions"
readonly SOCKET="${XDG_RUNTIME_DIR:-/run}/verdict-actions/podman.sock"

say() { printf 'containers: %s\n' "$*" >&2; }

# A function run as a condition loses `set -e`, so a failing step must end the script by itself.
fail() {
  say "$*"
  exit 1
}

debian_mirror() {
  awk '$1 == "URIs:" { print $2; exit }' /etc/apt/sources.list.d/*.sources 2>/dev/null | grep . ||
    awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^http/) { print $i; exit } }' /etc/apt/sources.list 2>/dev/null | grep .
}

install_engine() {
  local missing=() tool
  for tool in podman runc debootstrap; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if ((${#missing[@]})); then
    [ "$(id -u)" = 0 ] || fail "no container engine answers, and installing ${missing[*]} needs root; install Docker or Podman and try again"
    say "installing ${missing[*]}"
    apt-get update >&2
    # With what they recommend: Podman's networks and storage come that way.
    DEBIAN_FRONTEND=noninteractive apt-get install -y "${missing[@]}" >&2
  fi
  # crun and the default limits need privileges that a sandboxed machine does not hand out.
  if [ ! -e /etc/containers/containers.conf ]; then
    mkdir -p /etc/containers
    cat >/etc/containers/containers.conf <<'CONF'
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]

[engine]
runtime = "runc"
CONF
  fi
}

# Debian's published slim image has no Python, so the base must have none either: our Dockerfile installs it.
# ca-certificates and the two copied files let apt and pip reach this machine's mirrors from inside a build.
bootstrap_base() {
  local tree="$CACHE/base.new" mirror
  mirror=$(debian_mirror) || fail "no Debian mirror found in /etc/apt; cannot bootstrap the base image"
  say "bootstrapping $SUITE (about a minute)"
  mkdir -p "$CACHE"
  rm -rf "$tree"
  debootstrap --variant=minbase --include=ca-certificates "$SUITE" "$tree" "$mirror" >&2
  slim "$tree"
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/ca-certificates.crt"
  fi
  if [ -e /etc/pip.conf ]; then
    cp /etc/pip.conf "$tree/etc/pip.conf"
  fi
  tar -C "$tree" -c . >"$CACHE/base.tar.part"
  mv "$CACHE/base.tar.part" "$CACHE/base.tar"
  rm -rf "$tree"
}

# What the published slim image leaves out as well, and keeps leaving out when packages are added.
slim() {
  local tree=$1
  cat >"$tree/etc/dpkg/dpkg.cfg.d/docker" <<'CONF'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/groff/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
CONF
  find "$tree/usr/share/doc" -type f ! -name copyright -delete
  rm -rf "$tree"/usr/share/{groff,info,locale,man}/*
  find "$tree/var/cache/apt" "$tree/var/lib/apt/lists" -type f -delete
}

start_service() {
  export DOCKER_HOST="unix://$SOCKET"
  docker version >/dev/null 2>&1 && return
  mkdir -p "${SOCKET%/*}"
  rm -f "$SOCKET"
  setsid podman system service --time=3600 "$DOCKER_HOST" </dev/null >"${SOCKET%.sock}.log" 2>&1 &
  local _
  for _ in {1..100}; do
    docker version >/dev/null 2>&1 && return
    sleep 0.1
  done
  fail "podman's API service did not start; its log is ${SOCKET%.sock}.log"
}

if docker version >/dev/null 2>&1; then
  exit 0
fi
command -v docker >/dev/null || fail "the docker client is missing; install Docker, or docker.io for its client"
install_engine
if ! podman image exists "$BASE_IMAGE"; then
  [ -e "$CACHE/base.tar" ] || bootstrap_base
  podman import --change 'CMD ["bash"]' "$CACHE/base.tar" "$BASE_IMAGE" >&2
fi
start_service
say "engine: $(docker version --format '{{.Server.Version}}'), base: $BASE_IMAGE"
printf 'export DOCKER_HOST=%q\n' "$DOCKER_HOST"
