"""Runs that meet: pushes that record, jobs that comment, and pull requests that read what is just being written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.contract.measured import CART, FULL, MORE, WITH_MORE, history, lcov, outcome_of, record_main

from sandbox.checkout import Checkout
from sandbox.consumer import Consumer
from sandbox.runner import Event, Shown


def at_once(runs: Iterable[Callable[[], Shown]]) -> list[Shown]:
    """All runs, each a process of its own, started together."""
    jobs = list(runs)
    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(lambda job: job(), jobs))


def cloned(shop: Consumer, folder: Path) -> Path:
    """The workspace of another job: what is checked out now, and its report."""
    shop.checkout.git("clone", "--quiet", "--no-hardlinks", str(shop.checkout.path), str(folder))
    clone = Checkout(folder)
    clone.git("switch", "--quiet", "--detach", shop.checkout.head)
    clone.write({"lcov.info": (shop.checkout.path / "lcov.info").read_bytes()})
    return folder


def job(shop: Consumer, event: Event, workspace: Path, **with_: str) -> Callable[[], Shown]:
    inputs = {name.replace("_", "-"): value for name, value in with_.items()}
    return lambda: shop.run("coverage-gate", on=event, with_=inputs, workspace=workspace)


def test_every_push_is_recorded_and_every_pull_request_finds_its_base_meanwhile(shop: Consumer, tmp_path: Path) -> None:
    record_main(shop)
    expected = {shop.checkout.head}
    cart = shop.checkout.git("show", f"main:{CART}") + MORE
    _, event = shop.open_pull("shipping", {CART: cart})
    shop.checkout.write({"lcov.info": lcov(WITH_MORE)})
    pull_jobs = [
        job(shop, event, cloned(shop, tmp_path / f"pull{n}"), max_drop="10.01", comment="never") for n in range(2)
    ]
    shop.checkout.switch("main")
    shop.checkout.write({"lcov.info": lcov(FULL)})
    push_jobs = []
    for number in range(6):
        expected.add(shop.checkout.commit(f"Push {number}", {"README.md": f"# {number}\n"}))
        push_jobs.append(job(shop, shop.push(), cloned(shop, tmp_path / f"push{number}")))
    ended = at_once([*push_jobs, *pull_jobs])
    for shown in ended:
        assert shown.exit_code == 0, shown.log
        assert "nothing was recorded" not in shown.log
    assert [shown.outputs["line-coverage-delta"] for shown in ended[-2:]] == ["-10.00", "-10.00"]
    assert set(history(shop)) == expected
    tip = shop.repository.tip("actions-data")
    assert len(shop.repository.objects.history(tip)) == len(expected)


def test_the_first_pushes_race_to_make_the_branch_and_all_win(shop: Consumer, tmp_path: Path) -> None:
    shop.checkout.write({"lcov.info": lcov(FULL)})
    expected, jobs = set(), []
    for number in range(3):
        expected.add(shop.checkout.commit(f"Push {number}", {"README.md": f"# {number}\n"}))
        jobs.append(job(shop, shop.push(), cloned(shop, tmp_path / f"push{number}")))
    assert {shown.exit_code for shown in at_once(jobs)} == {0}
    assert set(history(shop)) == expected


def test_jobs_that_comment_at_once_leave_one_comment_after_the_next_run(shop: Consumer, tmp_path: Path) -> None:
    pull, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    workspaces = [cloned(shop, tmp_path / f"job{number}") for number in range(5)]
    keys = ("", "", "", "linux", "linux")
    for shown in at_once(
        job(shop, event, workspace, comment_key=key) for workspace, key in zip(workspaces, keys, strict=True)
    ):
        assert shown.exit_code == 0, shown.log
    for key in ("", "linux"):
        assert shop.run("coverage-gate", on=event, with_={"comment-key": key}).exit_code == 0
    assert sorted(comment.body.partition("\n")[0] for comment in pull.comments) == [
        "<!-- coverage-gate: v1 -->",
        "<!-- coverage-gate:linux v1 -->",
    ]


def test_a_writer_that_is_faster_loses_nothing_and_takes_nothing(shop: Consumer) -> None:
    record_main(shop)
    other = {"smoke-test/index.json": "{}"}
    shop.hub.behave.on("PATCH", "*/git/refs/*", nth=1).happens_meanwhile(
        lambda: shop.repository.commit(other, branch="actions-data")
    )
    shop.checkout.commit("Next", {"README.md": "# Next\n"})
    record_main(shop)
    assert shop.checkout.head in history(shop)
    assert shop.repository.read("smoke-test/index.json", "actions-data") == b"{}"


def test_a_branch_that_moves_between_two_reads_is_read_as_one(shop: Consumer) -> None:
    record_main(shop)
    base = shop.checkout.head
    _, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shop.hub.behave.on("GET", "*/contents/coverage-gate/commits/*").happens_meanwhile(
        lambda: shop.repository.commit({"smoke-test/index.json": "{}"}, branch="actions-data")
    )
    shown = shop.run("coverage-gate", on=event, with_={"max-drop": "0"})
    assert shown.exit_code == 0, shown.log
    assert outcome_of(shop, shown)["data"]["baseline"]["sha"] == base


def test_a_record_pruned_between_two_reads_is_said_not_guessed(shop: Consumer) -> None:
    record_main(shop)
    path = f"coverage-gate/commits/{shop.checkout.head}.json"
    _, event = shop.open_pull("docs", {"README.md": "# The shop\n"})
    shop.checkout.write({"lcov.info": lcov(FULL)})
    shop.hub.behave.on("GET", "*/contents/coverage-gate/commits/*", nth=1).happens_meanwhile(
        lambda: shop.repository.commit({path: None}, branch="actions-data")
    )
    shown = shop.run("coverage-gate", on=event, with_={"max-drop": "0"})
    assert shown.exit_code == 3, shown.log
    assert "is missing on branch actions-data" in shown.log
