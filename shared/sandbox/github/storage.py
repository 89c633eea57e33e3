"""Where artifact downloads are redirected to: a signed address outside the API, valid for a minute.

Like the real blob storage it refuses a request that carries an `Authorization` header, so a client that forwards
its token on the redirect is found out.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from datetime import datetime

    from .hub import EmbeddedGitHub
    from .model import Artifact

PREFIX = "/_storage/artifacts/"

_KEY = b"the sandbox signs for nobody but itself"


def link(web: str, artifact: Artifact, expires: datetime) -> str:
    """The signed address of an artifact's zip."""
    until = str(int(expires.timestamp()))
    return f"{web}{PREFIX}{artifact.id}?{urlencode({'se': until, 'sig': _signature(artifact.id, until)})}"


def answer(hub: EmbeddedGitHub, request: Request) -> Response:
    """The zip; 400 with an `Authorization` header, 403 for a wrong or outdated signature, 404 when it is gone."""
    id_ = request.path.removeprefix(PREFIX)
    until, signature = request.args.get("se", ""), request.args.get("sig", "")
    if "Authorization" in request.headers:
        return _refusal(400, "InvalidAuthenticationInfo")
    if not id_.isdigit() or not hmac.compare_digest(signature, _signature(int(id_), until)):
        return _refusal(403, "AuthenticationFailed")
    if hub.site.clock().timestamp() > int(until):
        return _refusal(403, "AuthenticationFailed")
    artifact = hub.find_artifact(int(id_))
    if artifact is None:
        return _refusal(404, "BlobNotFound")
    return Response(artifact.zip, content_type="application/zip")


def _signature(id_: int, until: str) -> str:
    return hmac.new(_KEY, f"{id_}:{until}".encode(), hashlib.sha256).hexdigest()


def _refusal(status: int, code: str) -> Response:
    text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
    return Response(text, status=status, content_type="application/xml")
