"""The sample service, served for each test; whatever a test does, the service itself makes no mistake."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.service import Authority, Service


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as served:
        yield served
        assert served.mishaps == ()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[Service]:
    """The service over HTTPS."""
    with Service(replicas=1, tls=authority) as served:
        yield served
        assert served.mishaps == ()


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    """A client that trusts the authority and nobody else."""
    return ssl.create_default_context(cafile=str(authority.ca_pem))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tls"
