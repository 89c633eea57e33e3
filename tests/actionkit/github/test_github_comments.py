"""The sticky comment, against the embedded GitHub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.errors import PermissionNeeded
from actionkit.github import GitHub, GitHubError, MaybeDone, NotFound, ServerError
from actionkit.github.comments import BODY_LIMIT, marker, retire, upsert
from sandbox.github import EmbeddedGitHub, PullRequest, Repository, Token

MARK = "<!-- coverage-gate: v1 -->"
LIST, ONE = "*/issues/*/comments", "*/issues/comments/*"


@pytest.fixture
def pull(shop: Repository) -> PullRequest:
    return shop.pull_request({"src/cart.py": "x = 1\n"})


@pytest.fixture
def say(github: GitHub, pull: PullRequest, sleeps: Any) -> Callable[..., Any]:
    def saying(body: str, **options: Any) -> Any:
        given = {"action": "coverage-gate", "clock": sleeps.clock()} | options
        return upsert(github, "org/shop", pull.number, body, **given)

    return saying


def bodies(pull: PullRequest) -> list[str]:
    return [comment.body for comment in pull.comments]


def test_the_first_time_it_is_created_in_two_calls(say: Callable[..., Any], pull: PullRequest, github: GitHub) -> None:
    sticky = say("84.1 %")
    assert (sticky.result, sticky.id) == ("created", pull.comments[0].id)
    assert sticky.url.endswith(f"#issuecomment-{sticky.id}")
    assert bodies(pull) == [f"{MARK}\n84.1 %"]
    assert github.requests_made == 2


def test_then_it_is_updated_in_place_in_two_calls_and_left_alone_when_nothing_changed(
    say: Callable[..., Any], pull: PullRequest, github: GitHub
) -> None:
    first = say("84.1 %")
    second = say("85.0 %")
    assert (second.result, second.id) == ("updated", first.id)
    assert github.requests_made == 4
    third = say("85.0 %")
    assert (third.result, third.id, third.url) == ("unchanged", first.id, first.url)
    assert github.requests_made == 5
    assert bodies(pull) == [f"{MARK}\n85.0 %"]


def test_line_ends_and_trailing_space_that_github_changes_are_no_change(
    say: Callable[..., Any], shop: Repository, pull: PullRequest
) -> None:
    shop.comment(pull, f"{MARK}\r\na\r\nb")
    assert say("a\nb\n").result == "unchanged"


def test_each_action_and_key_has_its_own(say: Callable[..., Any], pull: PullRequest) -> None:
    say("one")
    say("two", key="linux / 3.13")
    say("three", action="smoke-test")
    say("two again", key="linux / 3.13")
    assert bodies(pull) == [
        f"{MARK}\none",
        "<!-- coverage-gate:linux / 3.13 v1 -->\ntwo again",
        "<!-- smoke-test: v1 -->\nthree",
    ]


def test_it_is_found_behind_hundreds_of_others(say: Callable[..., Any], shop: Repository, pull: PullRequest) -> None:
    for number in range(130):
        shop.comment(pull, f"comment {number}", author="octocat")
    first = say("84.1 %")
    for number in range(130):
        shop.comment(pull, f"more {number}", author="octocat")
    assert say("85.0 %").id == first.id
    assert len(pull.comments) == 261


def test_a_marker_pasted_by_someone_else_is_not_ours(
    say: Callable[..., Any], shop: Repository, pull: PullRequest
) -> None:
    shop.comment(pull, f"{MARK}\nforged", author="mallory")
    assert say("84.1 %").result == "created"
    assert bodies(pull) == [f"{MARK}\nforged", f"{MARK}\n84.1 %"]


@pytest.mark.parametrize(
    "body",
    [f"text\n{MARK}\nx", f" {MARK}\nx", f"> {MARK}", f"{MARK} trailing", MARK.replace("v1", "v2"), ""],
)
def test_only_a_marker_at_the_very_start_counts(
    say: Callable[..., Any], shop: Repository, pull: PullRequest, body: str
) -> None:
    shop.comment(pull, body)
    assert say("84.1 %").result == "created"
    assert len(pull.comments) == 2


def test_duplicates_are_healed_and_the_oldest_stays(
    say: Callable[..., Any], shop: Repository, pull: PullRequest
) -> None:
    first = shop.comment(pull, f"{MARK}\none")
    shop.comment(pull, "unrelated", author="octocat")
    shop.comment(pull, f"{MARK}\ntwo")
    shop.comment(pull, f"{MARK}\nthree")
    assert say("84.1 %").id == first.id
    assert bodies(pull) == [f"{MARK}\n84.1 %", "unrelated"]


def test_a_duplicate_that_is_gone_already_is_no_trouble(
    say: Callable[..., Any], shop: Repository, pull: PullRequest, hub: EmbeddedGitHub
) -> None:
    shop.comment(pull, f"{MARK}\none")
    twin = shop.comment(pull, f"{MARK}\ntwo")
    hub.behave.on("DELETE", ONE).happens_meanwhile(lambda: pull.comments.remove(twin))
    assert say("three").result == "updated"
    assert bodies(pull) == [f"{MARK}\nthree"]


# Who we are


def test_a_users_token_recognises_its_own_comment(
    hub: EmbeddedGitHub, shop: Repository, pull: PullRequest, connect: Callable[[Token], GitHub]
) -> None:
    github = connect(hub.personal_token("release-robot", shop, permissions={"pull-requests": "write"}))
    shop.comment(pull, f"{MARK}\nforged", author="mallory")
    mine = upsert(github, "org/shop", pull.number, "one", action="coverage-gate")
    again = upsert(github, "org/shop", pull.number, "two", action="coverage-gate")
    assert (mine.result, again.result, again.id) == ("created", "updated", mine.id)
    assert bodies(pull) == [f"{MARK}\nforged", f"{MARK}\ntwo"]


def test_the_identity_is_only_asked_when_it_matters(
    say: Callable[..., Any], shop: Repository, pull: PullRequest, hub: EmbeddedGitHub
) -> None:
    say("one")
    assert hub.asked("GET", "/user") == []
    for _ in range(3):
        shop.comment(pull, f"{MARK}\nforged", author="mallory")
    say("two")
    assert len(hub.asked("GET", "/user")) == 1


class Listing:
    """A GitHub whose list holds one comment; identity answers as told."""

    def __init__(self, comment: dict[str, Any], identity: Any) -> None:
        self.comment, self.identity, self.written = comment, identity, []

    def pages(self, path: str) -> Any:
        return iter([self.comment])

    def get(self, path: str) -> Any:
        return self._answer()

    def query(self, query: str) -> Any:
        return {"viewer": self._answer()}

    def _answer(self) -> Any:
        if isinstance(self.identity, Exception):
            raise self.identity
        return {"login": self.identity}

    def post(self, path: str, json: Any) -> Any:
        self.written.append(path)
        return {"html_url": "https://github.test/2", "id": 2}

    patch = post


@pytest.mark.parametrize(
    ("user", "identity", "ours"),
    [
        ({"login": "my-app[bot]", "type": "Bot"}, "my-app[bot]", True),
        ({"login": "my-app[bot]", "type": "Bot"}, "other[bot]", False),
        ({"login": "my-app[bot]", "type": "Bot"}, GitHubError("POST /graphql", 200, "no"), False),
        ({"login": "robot", "type": "User"}, "robot", True),
        ({"login": "robot", "type": "User"}, NotFound("GET /user", 404, "no"), False),
        ({"login": "robot", "type": "User"}, PermissionNeeded("GET /user", "x"), False),
        ({"login": "github-actions[bot]", "type": "User"}, "x", False),
        ({"login": "robot", "type": "Mannequin"}, "robot", False),
        (None, "", False),
    ],
)
def test_an_app_or_user_recognises_itself_and_no_one_else(user: Any, identity: Any, ours: bool) -> None:
    comment = {"id": 1, "html_url": "https://github.test/1", "body": f"{MARK}\nold", "user": user}
    sticky = upsert(Listing(comment, identity), "o/r", 1, "new", action="coverage-gate")
    assert sticky.result == ("updated" if ours else "created")


def test_not_knowing_who_we_are_for_a_passing_reason_is_no_licence_to_write_a_second_one() -> None:
    comment = {"id": 1, "html_url": "u", "body": f"{MARK}\nold", "user": {"login": "robot", "type": "User"}}
    door = Listing(comment, ServerError("GET /user", 503, "down"))
    with pytest.raises(ServerError):
        upsert(door, "o/r", 1, "new", action="coverage-gate")
    assert door.written == []


# Faults


@pytest.mark.parametrize("fault", ["fails_after_the_effect", "resets_after_the_effect"])
@pytest.mark.parametrize("lag", [0, 2])
def test_a_created_comment_whose_answer_is_lost_is_not_created_again(
    say: Callable[..., Any], pull: PullRequest, hub: EmbeddedGitHub, fault: str, lag: int
) -> None:
    if lag:
        hub.behave.lag("comments", reads=lag)
    getattr(hub.behave.on("POST", LIST, nth=1), fault)()
    assert say("84.1 %").result == "created"
    assert bodies(pull) == [f"{MARK}\n84.1 %"]
    assert len(hub.asked("POST")) == 1


@pytest.mark.parametrize("fault", ["fails_before_the_effect", "resets_before_the_effect"])
def test_a_comment_that_was_not_created_is_created_after_looking(
    say: Callable[..., Any], pull: PullRequest, hub: EmbeddedGitHub, fault: str
) -> None:
    getattr(hub.behave.on("POST", LIST, nth=1), fault)()
    assert say("84.1 %").result == "created"
    assert bodies(pull) == [f"{MARK}\n84.1 %"]
    assert [request.method for request in hub.requests] == ["GET", "POST", "GET", "GET", "GET", "GET", "POST"]


@pytest.mark.parametrize("fault", ["fails_after_the_effect", "fails_before_the_effect"])
def test_an_update_whose_answer_is_lost_is_looked_up(
    say: Callable[..., Any], pull: PullRequest, hub: EmbeddedGitHub, fault: str
) -> None:
    say("one")
    getattr(hub.behave.on("PATCH", ONE, nth=1), fault)()
    assert say("two").result == "updated"
    assert bodies(pull) == [f"{MARK}\ntwo"]


def test_a_comment_deleted_between_reading_and_writing_is_made_anew(
    say: Callable[..., Any], pull: PullRequest, hub: EmbeddedGitHub
) -> None:
    say("one")
    hub.behave.on("PATCH", ONE, nth=1).happens_meanwhile(pull.comments.clear)
    assert say("two").result == "created"
    assert bodies(pull) == [f"{MARK}\ntwo"]


def test_a_github_that_keeps_failing_is_given_up_and_says_that_it_may_be_done(
    say: Callable[..., Any], pull: PullRequest, hub: EmbeddedGitHub
) -> None:
    hub.behave.on("POST", LIST).fails_before_the_effect()
    with pytest.raises(MaybeDone):
        say("one")
    assert bodies(pull) == []
    assert len(hub.asked("POST")) == 4


def test_a_limit_is_waited_for_and_then_the_comment_stands(
    say: Callable[..., Any], pull: PullRequest, hub: EmbeddedGitHub, sleeps: Any
) -> None:
    hub.behave.on("POST", LIST, nth=1).answers_secondary_limit(403, retry_after=7)
    assert say("one").result == "created"
    assert 7 <= sum(sleeps.seconds) <= 8
    assert len(pull.comments) == 1


def test_a_pull_request_that_does_not_exist_is_not_found_at_once(github: GitHub, hub: EmbeddedGitHub) -> None:
    with pytest.raises(NotFound):
        upsert(github, "org/shop", 99, "x", action="coverage-gate")
    assert github.requests_made == 1


def test_an_issue_that_vanishes_before_the_first_comment_is_not_found(
    say: Callable[..., Any], pull: PullRequest, hub: EmbeddedGitHub
) -> None:
    hub.behave.on("POST", LIST).answers(404, "Not Found")
    with pytest.raises(NotFound):
        say("x")
    assert len(hub.asked("POST")) == 1


def test_the_read_only_token_of_a_fork_is_told_what_it_lacks(
    hub: EmbeddedGitHub, shop: Repository, connect: Callable[[Token], GitHub]
) -> None:
    pull = shop.pull_request({"a": "b"}, from_fork="someone/shop")
    with pytest.raises(PermissionNeeded, match="pull-requests: write"):
        upsert(connect(hub.fork_token(shop)), "org/shop", pull.number, "x", action="coverage-gate")
    assert pull.comments == []


def test_what_it_needs_is_pull_requests_write_and_nothing_else(say: Callable[..., Any], hub: EmbeddedGitHub) -> None:
    say("one")
    say("two")
    assert hub.permissions_used() == {"pull-requests": "write"}


# Long bodies and the end


def test_a_body_too_long_is_cut_below_the_limit_with_a_pointer(say: Callable[..., Any], pull: PullRequest) -> None:
    say("<details>\n\n" + "a line of the report\n" * 5000 + "</details>\n", pointer="[The rest](https://x.test/run)")
    [body] = bodies(pull)
    assert BODY_LIMIT - 50 < len(body) <= BODY_LIMIT
    assert body.startswith(f"{MARK}\n<details>")
    assert body.endswith("a line of the report\n</details>\n\n[The rest](https://x.test/run)")


def test_a_passing_gate_turns_its_comment_into_a_note(
    say: Callable[..., Any], github: GitHub, pull: PullRequest
) -> None:
    first = say("too low")
    gone = retire(github, "org/shop", pull.number, "Resolved in abc1234.", action="coverage-gate")
    assert gone is not None
    assert (gone.result, gone.id) == ("updated", first.id)
    assert bodies(pull) == [f"{MARK}\nResolved in abc1234."]


def test_where_there_is_no_comment_nothing_is_said(github: GitHub, pull: PullRequest) -> None:
    assert retire(github, "org/shop", pull.number, "Resolved.", action="coverage-gate") is None
    assert pull.comments == []
    assert github.requests_made == 1


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_key_can_end_the_marker_or_take_anothers_place(one: str, other: str) -> None:
    assert marker("a", one).count("-->") == 1
    assert "\n" not in marker("a", one)
    assert (marker("a", one) == marker("a", other)) == (one == other)
