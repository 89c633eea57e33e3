"""Users and repositories."""

from __future__ import annotations

from ..exchange import Links, Object
from ..repository import Repository
from ..site import Account, node_id, stamp
from ..tokens import Token


def user(links: Links, account: Account) -> Object:
    """A `simple-user`."""
    api = f"{links.api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.kind, account.id),
        "avatar_url": f"{links.web}/avatars/{account.id}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{links.web}/{account.login}",
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": account.kind,
        "site_admin": False,
        "user_view_type": "public",
    }


def public_user(links: Links, account: Account, created: str) -> Object:
    """A `public-user`, the answer of `GET /user`."""
    nothing = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {**user(links, account), **nothing, **counts, "created_at": created, "updated_at": created}


_TEMPLATES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def minimal_repository(links: Links, repository: Repository) -> Object:
    """A `minimal-repository`, as workflow runs carry it."""
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "owner": user(links, repository.owner),
        "private": repository.private,
        "description": None,
        "fork": repository.parent is not None,
        "url": links.repo(repository),
        "html_url": links.page(repository),
        **{name: links.repo(repository, path) for name, path in _TEMPLATES.items()},
    }


def repository(links: Links, repository: Repository) -> Object:
    """A `repository`, as pull requests carry it."""
    clone = f"{links.page(repository)}.git"
    created = stamp(repository.created_at)
    open_issues = sum(issue.state == "open" for issue in repository.issues.values())
    return {
        **minimal_repository(links, repository),
        "git_url": clone.replace("http", "git", 1),
        "ssh_url": f"git@sandbox:{repository.full_name}.git",
        "clone_url": clone,
        "svn_url": links.page(repository),
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        **dict.fromkeys(("forks_count", "forks"), len(repository.forks)),
        **dict.fromkeys(("open_issues_count", "open_issues"), open_issues),
        **dict.fromkeys(("stargazers_count", "watchers_count", "watchers", "size"), 0),
        "default_branch": repository.default_branch,
        "visibility": "private" if repository.private else "public",
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
        **dict.fromkeys(("has_pages", "has_discussions", "archived", "disabled"), False),
        **dict.fromkeys(("pushed_at", "created_at", "updated_at"), created),
    }


def full_repository(links: Links, repository_: Repository, token: Token | None) -> Object:
    """A `full-repository`, the answer of `GET /repos/{owner}/{repo}`."""
    shown = {
        **repository(links, repository_),
        "subscribers_count": 0,
        "network_count": len(repository_.forks),
    }
    if repository_.parent is not None:
        parent = repository(links, repository_.parent)
        shown |= {"parent": parent, "source": parent}
    if token is not None:
        writes = token.reaches(repository_.full_name) and token.permissions.get("contents") == "write"
        shown["permissions"] = {"admin": False, "maintain": False, "push": writes, "triage": False, "pull": True}
    return shown
