"""Every message in the README of smoke-test is one the action says, with the verdict it is listed under."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from tests.contract.in_process import Folder, Ran
from tests.contract.smoked import ONE, PLAN, SECRETS, SHOP
from tests.docs.pages import ROOT
from tests.docs.said import check_said, listed

from sandbox.consumer import PULL_JOB, Consumer
from sandbox.runner import Conclusion, Shown
from sandbox.service import Service
from smoke_test.action import ACTION
from smoke_test.load import result

NAME = "smoke-test"
README = ROOT / "actions" / NAME / "README.md"
K6 = ROOT / "tests" / "fixtures" / "load"

LOADED = "load: {executor: constant-vus, vus: 1, duration: 200ms, thresholds: {THRESHOLDS}}\n"
WATCHED = ONE + "regression: {p95: 25%}\n"


def loaded(thresholds: str = "http_reqs: ['count>0']") -> str:
    return LOADED.replace("THRESHOLDS", thresholds)


@dataclass(frozen=True)
class Stage:
    """A shop's checkout with a plan in it, a deployment, and one thing that goes wrong."""

    shop: Consumer
    service: Service
    folder: Folder

    def run(self, plan: str = ONE, env: Mapping[str, str] | None = None, **inputs: str) -> Shown:
        """Run in this process, on a laptop."""
        self.folder.write({PLAN: plan})
        texts = {"plan": PLAN, "base_url": self.service.url, **inputs}
        return shown(self.folder.run(env or SECRETS, **{name: text for name, text in texts.items() if text}))

    def push(self, plan: str, token: str | None = None, **inputs: str) -> Shown:
        """Run as a process, on a push to main."""
        self.shop.checkout.write({PLAN: plan})
        texts = {"plan": PLAN, "base-url": self.service.url}
        texts |= {name.replace("_", "-"): text for name, text in inputs.items()}
        return self.shop.run(NAME, on=self.shop.push(), with_=texts, token=token)

    def fork(self) -> Shown:
        _, event = self.shop.open_pull("docs", {"README.md": "# Docs\n"}, fork="stranger/shop")
        token = self.shop.hub.fork_token(self.shop.repository).secret
        texts = {"checks": "GET /health 200", "base-url": self.service.url}
        return self.shop.run(NAME, on=event, with_=texts, token=token)


def shown(ran: Ran) -> Shown:
    """A run in this process as if the runner had shown it."""
    return Shown(
        exit_code=ran.exit_code,
        conclusion=Conclusion.FAILURE if ran.exit_code else Conclusion.SUCCESS,
        log=ran.printed,
        duration_seconds=0.0,
        outputs=ran.outputs,
    )


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(replicas=1) as started:
        yield started
        assert started.mishaps == ()


@pytest.fixture
def stage(shop: Consumer, service: Service, tmp_path: Path) -> Iterator[Stage]:
    yield Stage(shop, service, Folder.within(tmp_path / "laptop", ACTION))
    service.mend()


def with_a_report(stage: Stage, name: str, plan: str) -> Shown:
    stage.folder.write({"report": (K6 / name).read_bytes()})
    return stage.run(plan, load_report="report")


def an_expired_token(stage: Stage) -> Shown:
    hub = stage.shop.hub
    token = hub.token(stage.shop.repository, permissions=PULL_JOB, expires_in=timedelta(seconds=-1))
    return stage.push(WATCHED, token=token.secret)


def nothing_but_what_fails_on_both(stage: Stage) -> Shown:
    with Service(replicas=1) as previous:
        for broken in (stage.service, previous):
            broken.fault("status", status=503, path="/health")
        return stage.run(compare_url=previous.url)


def one_that_fails_on_both(stage: Stage) -> Shown:
    with Service(replicas=1) as previous:
        for broken in (stage.service, previous):
            broken.fault("status", status=503, path="/old")
        return stage.run(SHOP, compare_url=previous.url)


def a_record_that_is_refused(stage: Stage) -> Shown:
    return stage.push(ONE + "regression: {error_rate: 1pp}\n", token=stage.shop.token({"contents": "read"}))


BLANK = ONE.replace(", status: 200", "")


def asserting(text: str) -> str:
    """A plan with this line among the asserts."""
    return (
        f"tests:\n  - name: shop\n    steps:\n      - request: {{url: /health}}\n        asserts:\n          - {text}\n"
    )


SCENARIOS: dict[str, Callable[[Stage], Shown]] = {
    "nothing was asserted of any answer": lambda stage: stage.run(BLANK),
    "no test was executed": lambda stage: stage.run(ONE.replace("status: 200", "options: {skip: true}")),
    "the previous deployment answered none of … requests: …": lambda stage: stage.run(compare_url="http://127.0.0.1:9"),
    "no test passed a single step here": nothing_but_what_fails_on_both,
    "… samples of … are too few to judge …": lambda stage: with_a_report(
        stage, "k6-summary-export.json", "load: {thresholds: {'http_req_duration{name:item}': ['p(95)<500']}}\n"
    ),
    "… has no sample of …, so … cannot be judged": lambda stage: with_a_report(
        stage, "k6-nothing.json", "load: {thresholds: {http_req_duration: ['p(95)<500']}}\n"
    ),
    "… is no result of a load test that is known here": lambda stage: with_a_report(
        stage, "MANIFEST.md", "load: {thresholds: {http_req_duration: ['p(95)<500']}}\n"
    ),
    "… requests of … failed or were dropped, and no threshold is held against that": lambda stage: with_a_report(
        stage, "k6-dropped.json", "load: {thresholds: {http_req_duration: ['p(95)<5000']}}\n"
    ),
    "regression cannot be judged: no measurement is recorded on branch … yet": lambda stage: stage.run(
        ONE + "regression: {error_rate: 1pp}\n", baseline="branch"
    ),
    "p95 of … requests cannot be judged: 59 are needed": lambda stage: stage.run(WATCHED, baseline="branch"),
    "… is a cloud's metadata service": lambda stage: stage.run(base_url="http://169.254.169.254"),
    "nothing to test is given": lambda stage: shown(stage.folder.run()),
    "… is not a key; accepted: …": lambda stage: stage.run(f"parallle: 2\n{ONE}"),
    "column … of …: …, expected …": lambda stage: stage.run(asserting('jsonpath "$.tags" count = 1')),
    "… is a mapping; accepted: one line of the assert grammar": lambda stage: stage.run(
        asserting('body contains "a: b"')
    ),
    "… is never set": lambda stage: stage.run(ONE.replace("/health", '"/health/{{sku}}"')),
    "the environment variable … is not set": lambda stage: stage.run(SHOP, {"OTHER": "x"}),
    "the environment variable … is empty: the secret does not exist, or is not given to this run (a fork's, "
    "Dependabot's)": lambda stage: stage.run(SHOP, {"SMOKE_PASSWORD": ""}),
    "the secret … has fewer than 6 characters": lambda stage: stage.run(SHOP, {"SMOKE_PASSWORD": "1234"}),
    "json_schema of the step …: …: no such file or directory": lambda stage: stage.run(
        ONE.replace("status: 200", "json_schema: schemas/item.json")
    ),
    "input plan: …: no such file or directory": lambda stage: shown(stage.folder.run(plan="smok.yml")),
    "input tags: no test has the tag …": lambda stage: stage.run(tags="critcal"),
    "…: no request of the load stage has it, so that no sample would count": lambda stage: stage.run(
        ONE + loaded("'http_req_duration{name:helth}': ['p(95)<500']")
    ),
    "compare-url is the base URL itself": lambda stage: stage.run(compare_url=stage.service.url),
    "GitHub does not accept the token": an_expired_token,
    "input from-outcome needs a workflow_run event": lambda stage: stage.run(from_outcome="outcome.json"),
    "the load stage was left out, since a step failed before it": lambda stage: stage.run(
        ONE.replace("200", "201") + loaded()
    ),
    "no threshold is held against the load stage: its figures are shown and decide nothing": lambda stage: stage.run(
        ONE + loaded("")
    ),
    "… expects nothing but a status below 400": lambda stage: stage.run(
        ONE.replace("status: 200}", "status: 200}, {request: {url: /home}}")
    ),
    "… looks like a secret that is written out": lambda stage: stage.run(
        ONE.replace("{url: /health}", "{url: /health, headers: {X-Api-Key: ghp_0123456789abcdefghijABCDEFGHIJ012345}}")
    ),
    "… is used nowhere": lambda stage: stage.run(ONE + "variables: {sku: A-100}\n"),
    "… fails on the deployment compared with too": one_that_fails_on_both,
    "… held for all … damaged answers: it never fails": lambda stage: stage.run(
        ONE.replace("200", "100-599"), mutate="true"
    ),
    "nothing was recorded: GitHub refused …: the token lacks contents: write": a_record_that_is_refused,
    "no comment was posted: a fork's token is read-only": lambda stage: stage.fork(),
}
BOTTLENECK = "the load generator was the bottleneck: …"
"""What no test machine can be made to show at will; `tests/smoke_test/load` does, in simulated time."""


def test_every_message_in_the_readme_has_its_proof_here() -> None:
    assert [one for one in listed(README) if one != BOTTLENECK] == list(SCENARIOS)
    assert BOTTLENECK.removesuffix("…") in inspect.getsource(result)


@pytest.mark.parametrize("message", SCENARIOS)
def test_the_action_says_it_with_that_verdict_and_a_fix(stage: Stage, message: str) -> None:
    check_said(SCENARIOS[message](stage), message, listed(README)[message])
