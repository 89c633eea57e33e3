"""Repositories and branches."""

from __future__ import annotations

from urllib.parse import quote

from ..exchange import ApiError, Call, Object, Reply, Route
from ..tokens import Need
from ..views import accounts, git

_READ = (Need("contents", "read"),)
_PREFIX = "refs/heads/"


def repository(call: Call) -> Reply:
    return Reply(body=accounts.full_repository(call.links, call.repository, call.token))


def branches(call: Call) -> Reply:
    def short(found: tuple[str, str]) -> Object:
        name, sha = found
        url = call.links.repo(call.repository, f"/commits/{sha}")
        return {"name": name.removeprefix(_PREFIX), "commit": {"sha": sha, "url": url}, "protected": False}

    listed = [] if call.query.get("protected") == "true" else list(call.repository.refs.seen_under(_PREFIX))
    return call.page(call.listing(listed), short)


def branch(call: Call) -> Reply:
    name = call.arguments["branch"]
    sha = call.repository.refs.seen(_PREFIX + name)
    if sha is None:
        raise ApiError(404, "Branch not found")
    api = call.links.repo(call.repository, f"/branches/{quote(name)}")
    return Reply(
        body={
            "name": name,
            "commit": git.commit(call.links, call.repository, call.repository.objects.commit(sha)),
            "_links": {"self": api, "html": call.links.page(call.repository, f"/tree/{quote(name)}")},
            "protected": False,
            "protection": {"enabled": False},
            "protection_url": f"{api}/protection",
        }
    )


ROUTES = (
    Route("GET", "/repos/{owner}/{repo}", repository, (Need("metadata", "read"),)),
    Route("GET", "/repos/{owner}/{repo}/branches", branches, _READ),
    Route("GET", "/repos/{owner}/{repo}/branches/{branch}", branch, _READ),
)
