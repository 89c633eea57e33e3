"""Real PostgreSQL and Redis servers, awaited from before they start until they are ready, and missed when they stop."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.health_wait.probing import a_prober, a_target

from actionkit.web.model import Cause
from health_wait.model import Probe, Target

REDIS = shutil.which("redis-server") or ""
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)
PATIENCE = 60.0
PASSWORD = "correct-horse"


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def awaited(target: Target) -> list[Probe]:
    """Probes one after another until one is good; fails the test after a minute."""
    prober, probes = a_prober(), list[Probe]()
    end = time.monotonic() + PATIENCE
    while not probes or not probes[-1].ok:
        assert time.monotonic() < end, probes[-1]
        probes.append(prober.probe(target, 0.0))
        time.sleep(0.02)
    return probes


@contextmanager
def running(command: list[str], log: Path, user: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A server in the foreground, stopped at the end."""
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, user=user or None, cwd=log.parent)
        try:
            yield server
        finally:
            server.terminate()
            server.wait(PATIENCE)


@pytest.mark.skipif(not REDIS, reason="redis-server is not installed (apt-get install redis-server)")
def test_redis_is_awaited_from_before_it_starts(tmp_path: Path) -> None:
    port = free_port()
    given = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path),
        "--requirepass",
        PASSWORD,
    ]
    target = a_target(f"redis://:{PASSWORD}@127.0.0.1:{port}/0")
    prober = a_prober()
    before = prober.probe(target, 0.0)
    assert (before.ok, before.cause) == (False, Cause.REFUSED)
    with running([REDIS, *given], tmp_path / "redis.log"):
        assert awaited(target)[-1].ok
        assert prober.probe(a_target(f"redis://127.0.0.1:{port}"), 0.0).ok
        wrong = prober.probe(a_target(f"redis://:not-{PASSWORD}@127.0.0.1:{port}"), 0.0)
        assert wrong.reason.startswith("does not accept the user and password: `WRONGPASS")
        other = prober.probe(a_target(f"postgres://127.0.0.1:{port}", timeout="300ms"), 0.0)
        assert other.cause is Cause.SILENT
    assert not prober.probe(target, 0.0).ok


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A data folder made by initdb, and the user who owns it: PostgreSQL refuses to run as root."""
    if POSTGRES is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    user = "" if os.getuid() else "postgres"
    # Another user cannot enter pytest's own folders.
    folder = Path(subprocess.run(["mktemp", "-d"], check=True, capture_output=True, text=True).stdout.strip())
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD, "utf-8")
        if user:
            owner = pwd.getpwnam(user)
            for path in (folder, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        made = subprocess.run(
            [str(POSTGRES), "-D", "data", "--no-sync", "--auth=scram-sha-256", "--pwfile=password", "-U", "app"],
            cwd=folder,
            user=user or None,
            capture_output=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        yield folder, user
    finally:
        shutil.rmtree(folder)


def test_postgres_is_awaited_from_before_it_starts(cluster: tuple[Path, str]) -> None:
    folder, user = cluster
    assert POSTGRES is not None
    port = free_port()
    options = ["-p", str(port), "-h", "127.0.0.1", "-k", str(folder), "-F", "-c", "max_connections=4"]
    options += ["-c", "superuser_reserved_connections=0"]
    target = a_target(f"postgres://app:{PASSWORD}@127.0.0.1:{port}/shop")
    prober = a_prober()
    before = prober.probe(target, 0.0)
    assert (before.ok, before.cause) == (False, Cause.REFUSED)
    with running([str(POSTGRES.with_name("postgres")), "-D", "data", *options], folder / "postgres.log", user):
        for early in awaited(target)[:-1]:
            assert early.cause is Cause.REFUSED or "starting up" in early.reason
        for line in (f"postgres://127.0.0.1:{port}", f"postgres://nobody@127.0.0.1:{port}/none"):
            assert prober.probe(a_target(line), 0.0).ok
        no_tls = prober.probe(a_target(f"postgresql://127.0.0.1:{port}/?sslmode=require"), 0.0)
        assert no_tls.reason == "does not offer TLS, which `sslmode=require` asks for"
        ready = POSTGRES.with_name("pg_isready")
        assert (
            subprocess.run(
                [str(ready), "-h", "127.0.0.1", "-p", str(port)], check=False, capture_output=True
            ).returncode
            == 0
        )
    assert prober.probe(target, 0.0).cause is Cause.REFUSED
