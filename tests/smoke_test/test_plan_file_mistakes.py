"""What is wrong with a plan is told at once, each with its line, what is accepted and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.smoke_test.plan_files import ENVIRON, EXAMPLE, FILES, PATH, SHOP, load, one, told, wrong

from actionkit.outcome import Severity

AT = f"{PATH}:"
BASE = f"base_url: {SHOP}"

MISTAKES = {
    # name: (plan, beginning of the message with its place, part of the fix)
    "unknown key": (one("{url: /, methd: PUT}"), "5 `tests[0].steps[0].request.methd` is not a key", "`method`"),
    "unknown key of a step": (one("{url: /}", "assert: []"), "6 `tests[0].steps[0].assert` is not a key", "`asserts`"),
    "wrong type": (one("{url: /}", "options: {retry: often}"), "6 `tests[0].steps[0].options.retry` is the text", ""),
    "duration without unit": (
        one("{url: /}", "options: {max_time: 3}"),
        "6 `tests[0].steps[0].options.max_time`",
        "`3s`",
    ),
    "no time at all": (one("{url: /}", "options: {max_time: 0s}"), "6 `tests[0].steps[0].options.max_time`", "`10s`"),
    "no bytes at all": (one("{url: /}", "options: {max_filesize: 0}"), "6 `tests[0].steps[0].options.max_", "`2MB`"),
    "no status": (one("{url: /}", "status: 20"), "6 `tests[0].steps[0].status` is `20`; accepted: statuses", ""),
    "no status in a list": (one("{url: /}", "status: [200, 6xx]"), "6 `tests[0].steps[0].status` is a list", ""),
    "no method": (one("{url: /, method: PSOT}"), "5 `tests[0].steps[0].request.method` is the text `PSOT`", "`POST`"),
    "tunnel": (one("{url: /, method: connect}"), "5 `tests[0].steps[0].request.method` is the text `connect`", "`GET`"),
    "header name": (one('{url: /, headers: {"X A": b}}'), "5 `tests[0].steps[0].request.headers.X A`", "`X-Api-Key`"),
    "header over lines": (
        one('{url: /, headers: {A: "b\\nC: d"}}'),
        "5 `tests[0].steps[0].request.headers.A`",
        "one line",
    ),
    "header with a point": (one("{url: /, headers: {A: 1.10}}"), "5 `tests[0].steps[0].request.headers.A`", "quotes"),
    "list as a header": (one("{url: /, headers: {A: [b]}}"), "5 `tests[0].steps[0].request.headers.A`", "one value"),
    "digits are lost": (
        one("{url: /, params: {zip: [02134]}}"),
        "5 `tests[0].steps[0].request.params.zip[0]` is read",
        "quotes",
    ),
    "zeros are lost": (
        one("{url: /}", head=f"{BASE}\nvariables: {{v: 1.10}}".replace("\n", " #\n")),
        "2 `variables.v` is read",
        "quotes",
    ),
    "no JSON": (one("{url: /, method: PUT, json: [.inf]}"), "5 `tests[0].steps[0].request.json` is a list", "quotes"),
    "variable of several": (
        one("{url: /}", head=f"{BASE}\nvariables: {{v: [1]}}"),
        "2 `variables.v` is a list",
        "name: value",
    ),
    "name of a variable": (one("{url: /}", head=f"{BASE}\nvariables: {{1v: a}}"), "2 `variables.1v` is", "api_key"),
    "name of a function": (
        one("{url: /}", head=f"{BASE}\nvariables: {{newUuid: a}}"),
        "2 `variables.newUuid` is",
        "another name",
    ),
    "tags with commas": ("tests: [{name: a, tags: 'a, b', steps: []}]", "1 `tests[0].tags` is the text", "its own"),
    "user without password": (
        one("{url: /, auth: {basic: me}}"),
        "5 `tests[0].steps[0].request.auth.basic` is not as",
        "[smoke",
    ),
    "nobody asks": (one("{url: /, auth: {}}"), "5 `tests[0].steps[0].request.auth` has nothing in it", "basic"),
    "two ask": (
        one("{url: /, auth: {basic: [a, b], bearer: c}}"),
        "5 `tests[0].steps[0].request.auth` has `basic` and `bearer`",
        "",
    ),
    "two bodies": (
        one("{url: /, method: PUT, data: a, json: 1}"),
        "5 `tests[0].steps[0].request` has more than one body: `json`, `data`",
        "",
    ),
    "body of a GET": (
        one("{url: /, json: {}}"),
        "5 `tests[0].steps[0].request` has a body, and a GET has none",
        "method: POST",
    ),
    "empty URL": (one("{url: ''}"), "5 `tests[0].steps[0].request.url` is not as", "`/`"),
    "URL without scheme": (
        one("{url: localhost/x}"),
        "5 `tests[0].steps[0].request.url` is not as",
        "`/localhost/x`, or `https://localhost/x`",
    ),
    "URL with blanks": (one("{url: /a b}"), "5 `tests[0].steps[0].request.url` is not as", "`%20`"),
    "URL with a user": (one("{url: 'https://u:pw@h/'}"), "5 `tests[0].steps[0].request.url` is not as", "auth:"),
    "URL of another kind": (one("{url: 'ftp://h/'}"), "5 `tests[0].steps[0].request.url` is not as", "https://"),
    "expression of GitHub": (
        one("{url: '/${{ github.sha }}'}"),
        "5 `tests[0].steps[0].request.url` is not as",
        "input `variables`",
    ),
    "base URL of another kind": (
        one("{url: /}", head="base_url: tcp://x"),
        "1 `base_url` is not as it must be",
        "https://",
    ),
    "base URL with a query": (one("{url: /}", head="base_url: http://x/?a"), "1 `base_url` is not as", "before `?`"),
    "base URL without host": (one("{url: /}", head="base_url: 'http://:80'"), "1 `base_url` is not as", "after `://`"),
    "base URL with a wild port": (
        one("{url: /}", head="base_url: 'http://h:x9'"),
        "1 `base_url` is not as",
        "https://",
    ),
    "path outside": (
        one("{url: /}", "json_schema: ../x.json"),
        "6 `tests[0].steps[0].json_schema` is the text",
        "workspace",
    ),
    "time in time": (
        one("{url: /}", "options: {connect_timeout: 9s, max_time: 3s}"),
        "6 `tests[0].steps[0].options.connect_timeout` is longer than `max_time`",
        "longer `max_time`",
    ),
    "assert": (
        one("{url: /}", 'asserts:\n  - jsonpath "$.x" = 1'),
        '7 `tests[0].steps[0].asserts[0]`: column 16 of `jsonpath "$.x" = 1`: `=`, expected',
        "`==`",
    ),
    "empty assert": (
        one("{url: /}", "asserts: ['']"),
        "6 `tests[0].steps[0].asserts[0]`: column 1 of an empty text",
        "",
    ),
    "word of an assert": (
        one("{url: /}", 'asserts: [jsonpaht "$.x" exists]'),
        '6 `tests[0].steps[0].asserts[0]`: column 1 of `jsonpaht "$.x" exists`',
        "`jsonpath`",
    ),
    "terminal assert": (
        one("{url: /}", "options: {fail_when: stats == 500}"),
        "6 `tests[0].steps[0].options.fail_when`: column 1",
        "`status`",
    ),
    "capture": (one("{url: /}", 'captures: {a: heade "X"}'), "6 `tests[0].steps[0].captures.a`: column 1", "`header`"),
    "assert cut by a comment": (
        one("{url: /}", 'asserts:\n  - body contains "a #b"'),
        "7 `tests[0].steps[0].asserts[0]`: column",
        "single quotes",
    ),
    "assert as a mapping": (
        one("{url: /}", 'asserts:\n  - jsonpath "$.a" == "x: y"'),
        "7 `tests[0].steps[0].asserts[0]` is a mapping; accepted: one line of the assert grammar",
        "single quotes",
    ),
    "assert as a number": (one("{url: /}", "asserts: [200]"), "6 `tests[0].steps[0].asserts[0]` is `200`", "jsonpath"),
    "assert in brackets": (
        one("{url: /}", 'asserts: [cookie "a[Secure]" exists]'),
        "6 this is not YAML",
        "single quotes",
    ),
    "variable in brackets": (
        one("{url: /}", 'asserts: [jsonpath "$.a" == {{b}}]'),
        "6 this is not YAML",
        "single quotes",
    ),
    "variable in a mapping": (one("{url: /users/{{id}}}"), "5 this is not YAML", '"/users/{{id}}"'),
    "variable that begins a value": (
        one("{url: /, json: {a: {{id}}}}"),
        "5 a list or mapping is used as a key",
        '"/users/{{id}}"',
    ),
    "no variable in what is broken": (one('{url: "/{{id}}", json: {a: b: c}}'), "5 this is not YAML", "indentation"),
    "no threshold": (
        'load: {thresholds: {checks: ["rate"]}}',
        "1 `load.thresholds.checks[0]` is the text `rate`",
        "p(95)<500",
    ),
    "no such metric": (
        'load: {thresholds: {http_req: "avg<1"}}',
        "1 `load.thresholds.http_req` is the text",
        "`http_reqs`",
    ),
    "threshold in a mapping": (
        "load: {thresholds: {checks: [{threshold: rate>0.9, abortOnFall: true}]}}",
        "1 `load.thresholds.checks[0].abortOnFall` is not a key",
        "abortOnFail",
    ),
    "no executor": ("load: {executor: constant-vu}", "1 `load.executor` is the text", "`constant-vus`"),
    "share without sign": ("regression: {p95: 25}", "1 `regression.p95` is `25`; accepted: a percentage", "25%"),
    "points without unit": ("regression: {error_rate: 1%}", "1 `regression.error_rate` is the text `1%`", "0.5pp"),
    "another version": ("version: 2", "1 `version` is `2`; accepted: 1", ""),
    "a test without a name": ("tests: [{steps: []}]", "1 `tests[0]` has no `name`", "name"),
    "a step without a request": (
        "tests: [{name: a, steps: [{status: 200}]}]",
        "1 `tests[0].steps[0]` has no `request`",
        "request",
    ),
    "a secret as its variable": ("secrets: {a: 'x y z'}", "1 `secrets.a` is not as it must be", "SMOKE_API_KEY"),
}


@pytest.mark.parametrize(("plan", "message", "fix"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_file_is_told_with_its_line_and_the_fix(
    tmp_path: Path, plan: str, message: str, fix: str
) -> None:
    (complaint,) = wrong(tmp_path, plan)
    assert told((complaint,))[0].startswith(AT + message)
    assert fix in complaint.fix
    assert complaint.fix


STEP = "{name: a, tags: [x], steps: [{name: home, request: {url: /}, status: 200}]}"

CONTRADICTIONS = {
    "a variable that is never set": (
        one('{url: "/{{hots}}"}', head=f"{BASE}\nvariables: {{host: a}}"),
        ":6 `{{hots}}` is never set",
        "`{{host}}`",
    ),
    "nothing like it is set": (
        one("{url: /}", 'asserts:\n  - body contains "{{sha}}"'),
        ":7 `{{sha}}` is never set",
        "`variables`",
    ),
    "a variable of a variable": (
        one('{url: "/{{a}}"}', head=f'{BASE}\nvariables: {{a: "{{{{b}}}}"}}'),
        ":2 `{{b}}` is never set",
        "",
    ),
    "a base URL of nothing": (one("{url: /}", head='base_url: "{{b}}"'), ":1 `{{b}}` is never set", ""),
    "its own capture": (
        one("{url: /}", 'captures: {a: header "X"}\nasserts:\n  - body contains "{{a}}"'),
        ":8 `{{a}}` is used before it is captured",
        "before this one",
    ),
    "another test's capture": (
        f'{BASE}\ntests:\n- {{name: a, steps: [{{request: {{url: /}}, captures: {{t: header "X"}}}}]}}\n'
        '- {name: b, steps: [{request: {url: "/{{t}}"}, status: 200}]}\n',
        ":4 `{{t}}` is captured in `a`, and only known there",
        "`setup`",
    ),
    "a test's capture in finally": (
        f'{BASE}\ntests:\n- {{name: a, steps: [{{request: {{url: /}}, captures: {{t: header "X"}}}}]}}\n'
        'finally:\n- request: {url: "/{{t}}"}\n',
        ":5 `{{t}}` is captured in `a`, and only known there",
        "`setup`",
    ),
    "a circle": (
        one('{url: "/{{a}}"}', head=f'{BASE}\nvariables: {{a: "{{{{b}}}}", b: "{{{{a}}}}"}}'),
        ":2 variables that refer to one another in a circle",
        "",
    ),
    "braces without a name": (
        one("{url: /}", "headers: {X: '{{a b}}'}"),
        ":6 step `GET /`: `{{a b}}` is no variable",
        "",
    ),
    "braces in a variable": (
        one("{url: /}", "status: 200", head=f"{BASE}\nvariables: {{a: '{{{{'}}"),
        ":2 `a`: `{{` is not closed",
        "",
    ),
    "a capture that hides a secret": (
        one('{url: "/{{key}}"}', 'captures: {key: header "X"}', head=f"{BASE}\nsecrets: {{key: SMOKE_API_KEY}}"),
        ":7 the capture `key` hides a secret",
        "another name",
    ),
    "a variable that is a secret": (
        one('{url: "/{{key}}"}', head=f"{BASE}\nvariables: {{key: a}}\nsecrets: {{key: SMOKE_API_KEY}}"),
        ":2 `key` is the name of a secret too",
        "another name",
    ),
    "a secret that is not there": (
        one('{url: "/{{key}}"}', head=f"{BASE}\nsecrets: {{key: SMOKE_KEY}}"),
        ":2 the secret `key`: the environment variable `SMOKE_KEY` is not set",
        "env:\n  SMOKE_KEY: ${{ secrets.SMOKE_KEY }}",
    ),
    "a secret that is empty": (
        one('{url: "/{{key}}"}', head=f"{BASE}\nsecrets: {{key: SMOKE_EMPTY}}"),
        ":2 the secret `key`: the environment variable `SMOKE_EMPTY` is empty",
        "env:\n  SMOKE_EMPTY: ${{ secrets.SMOKE_EMPTY }}",
    ),
    "a short secret": (
        one('{url: "/{{key}}"}', head=f"{BASE}\nsecrets: {{key: SMOKE_SHORT}}"),
        ":2 the secret `key` has fewer than 6 characters: masking so short",
        "at least 6 characters",
    ),
    "a secret in the place of its name": (
        one('{url: "/{{key}}"}', head=f"{BASE}\nsecrets: {{key: hunter2hunter2}}"),
        ":2 the secret `key`: the environment variable that is named there is not set",
        "SMOKE_API_KEY: ${{ secrets.SMOKE_API_KEY }}",
    ),
    "no base URL": (
        "tests: [{name: a, steps: [{request: {url: /a}}, {request: {url: /b}}]}]",
        ":1 the step `GET /a` asks for a path, and there is no base URL to put it below, and 1 more of the kind",
        "input `base-url`",
    ),
    "a base URL that is none when it is filled in": (
        one("{url: /}", head="base_url: '{{b}}'\nvariables: {b: 'tcp://x'}"),
        ":1 `base_url` is no URL once it is filled in; accepted: a URL that starts with http",
        "https://",
    ),
    "a URL that is none when it is filled in": (
        one("{url: '{{b}}/x'}", head=f"{BASE}\nvariables: {{b: 'host'}}"),
        ":6 the URL of the step `GET {{b}}/x` is none once it is filled in",
        "starts with `/`",
    ),
    "a schema that is missing": (
        one("{url: /}", "json_schema: none.json"),
        ":5 `json_schema` of the step `GET /`: none.json: no such file",
        "Check the path",
    ),
    "a schema that is no JSON": (
        one("{url: /}", "json_schema: bad.json"),
        ":5 `json_schema` of the step `GET /`: bad.json: is not JSON",
        "",
    ),
    "a schema from a network": (
        one("{url: /}", "json_schema: remote.json"),
        ":5 `json_schema` of the step `GET /`: remote.json",
        "network",
    ),
    "a body that is missing": (
        one("{url: /, method: PUT, file: none.bin}", "status: 200"),
        ":5 the step `PUT /` sends `none.bin`, which is not there",
        "checkout",
    ),
    "a part that is missing": (
        one('{url: /, method: PUT, multipart: {a: "@none.bin"}}'),
        ":5 the step `PUT /` sends `none.bin`",
        "checkout",
    ),
    "a test without steps": (f"{BASE}\ntests:\n  - name: a\n    steps: []", ":3 the test `a` has no steps", "steps:"),
    "a name of another thing": (
        f"{BASE}\ntests:\n- {STEP.replace('name: a', 'name: setup')}",
        ":3 a test cannot be called `setup`",
        "",
    ),
    "two tests with one name": (
        f"{BASE}\ntests:\n- {STEP}\n- {STEP}",
        ":4 there are 2 tests with the name `a`",
        "of its own",
    ),
    "no tests": (f"{BASE}\nsetup: [{{request: {{url: /}}}}]", " smoke.yml has no tests", "tests:"),
    "a limit on nothing": (
        one("{url: /}", "status: 200", tail="regression: {window: 5d}"),
        ":7 `regression` limits nothing",
        "p95: 25%",
    ),
}


@pytest.mark.parametrize(("plan", "message", "fix"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_contradicts_itself_is_told_with_its_line_and_the_fix(
    tmp_path: Path, plan: str, message: str, fix: str
) -> None:
    files = {"bad.json": "{", "remote.json": '{"$ref": "https://example.com/x.json"}'}
    environ = {"SMOKE_API_KEY": "canary-key-4711", "SMOKE_SHORT": "abc", "SMOKE_EMPTY": " "}
    (complaint,) = wrong(tmp_path, plan, files=files, environ=environ)
    assert told((complaint,))[0].removeprefix(f"{PATH}:None").removeprefix(PATH).startswith(message)
    assert fix in complaint.fix
    assert complaint.fix
    assert "hunter2" not in complaint.message + complaint.fix


LOADS = {
    "no executor": ("vus: 1, duration: 1s", "`load` has no `executor`"),
    "no duration": ("executor: constant-vus, vus: 1", "`load` has no `duration`"),
    "no virtual users": ("executor: constant-vus, duration: 1s", "`load` has no `vus`"),
    "0 virtual users": ("executor: constant-vus, duration: 1s, vus: 0", "`load.vus` is 0, so nothing would be sent"),
    "0 arrivals": ("executor: constant-arrival-rate, duration: 1s, vus: 1, rate: 0", "`load.rate` is 0, so nothing"),
    "no arrivals": ("executor: constant-arrival-rate, duration: 1s, vus: 1", "`load` has no `rate`"),
    "arrivals of a closed model": (
        "executor: constant-vus, duration: 1s, vus: 1, rate: 3",
        "`load.rate` says nothing to",
    ),
    "too many users": (
        "executor: constant-vus, duration: 1s, vus: 1001",
        "`load.vus` is 1001; accepted: at most 1,000",
    ),
    "too many arrivals": (
        "executor: constant-arrival-rate, duration: 1s, vus: 1, rate: 6, time_unit: 1ms",
        "`load.rate` is 6,000 iterations a second; accepted: at most 5,000",
    ),
    "a tag nobody has": (
        "executor: constant-vus, duration: 1s, vus: 1, tags: xx",
        "`load.tags`: no test has the tag `xx`",
    ),
    "a name nobody has": (
        '{"http_req_duration{name:hom}": "avg<5"}',
        "`{name:hom}`: no request of the load stage has it",
    ),
    "a method nobody has": (
        '{"http_req_duration{method:PUT}": "avg<5"}',
        "`{method:PUT}`: no request of the load stage",
    ),
    "a tag that is none": ('{"http_req_duration{nam:home}": "avg<5"}', "`{nam:home}`: `nam` is no tag of a request"),
    "a tag of checks": ('{"http_reqs{check:x}": "count>5"}', "`{check:x}`: `check` is no tag of a request"),
    "a word for a boolean": (
        '{"http_reqs{expected_response:yes}": "count>5"}',
        "`{expected_response:yes}`: no request of the load stage has it",
    ),
    "a metric without tags": ('{"iterations{name:home}": "count>5"}', "`iterations` has no tags"),
    "an aggregate that does not fit": (
        '{http_req_failed: "p(95)<5"}',
        "`load.thresholds`: `http_req_failed` has no `p`",
    ),
    "a share over one": ('{http_req_failed: "rate<5"}', "`load.thresholds`: `rate<5`: a rate is a share from 0 to 1"),
}


@pytest.mark.parametrize(("written", "message"), LOADS.values(), ids=LOADS)
def test_a_load_stage_that_could_show_nothing_is_an_error(tmp_path: Path, written: str, message: str) -> None:
    whole = f"executor: constant-vus, duration: 1s, vus: 1, thresholds: {written}" if written[0] == "{" else written
    (complaint,) = wrong(tmp_path, f"{BASE}\ntests:\n- {STEP}\nload: {{{whole}}}")
    assert told((complaint,))[0].startswith(f"{AT}4 {message}")
    assert complaint.fix


@pytest.mark.parametrize(
    ("rate", "fix"),
    [
        ("0.5", "`rate: 1` and a `time_unit` that is 2 times as long, such as `time_unit: 2s`"),
        ("2.25", "`rate: 9` and a `time_unit` that is 4 times as long, such as `time_unit: 4s`"),
        ("0.0001", "`rate: 1` and a longer `time_unit`"),
    ],
)
def test_part_of_an_iteration_is_a_whole_one_in_a_longer_time(tmp_path: Path, rate: str, fix: str) -> None:
    load = f"{{executor: constant-arrival-rate, vus: 1, duration: 9s, rate: {rate}}}"
    (complaint,) = wrong(tmp_path, f"{BASE}\ntests:\n- {STEP}\nload: {load}")
    assert complaint.message.startswith("`load.rate` is")
    assert "accepted: a whole number of iterations in each `time_unit`" in complaint.message
    assert fix in complaint.fix
    assert complaint.line == 4


def test_a_load_that_rises_in_stages_is_left_to_tools_that_make_one(tmp_path: Path) -> None:
    load = "{executor: constant-vus, vus: 1, duration: 1s, stages: [{duration: 1s, target: 9}]}"
    (complaint,) = wrong(tmp_path, f"{BASE}\ntests:\n- {STEP}\nload: {load}")
    assert complaint.message.startswith("`load.stages` is not a key; accepted: `executor`")
    assert "left to k6 or Artillery: name its result in the input `load-report`" in complaint.fix
    assert (complaint.path, complaint.line) == (PATH, 4)


def test_a_duration_of_nothing_is_no_load_stage(tmp_path: Path) -> None:
    (complaint,) = wrong(tmp_path, f"{BASE}\ntests:\n- {STEP}\nload: {{executor: constant-vus, vus: 1, duration: 0s}}")
    assert complaint.message.startswith("`load.duration` is the text `0s`; accepted: a duration over 0")


def test_thresholds_that_k6_takes_without_a_word_are_doubted(tmp_path: Path) -> None:
    thresholds = '{checks: "rate<0.01", http_req_failed: ["rate>0.9", "rate<0.9"], http_req_waiting: "p(95)<0.5"}'
    tail = f"load: {{executor: constant-vus, vus: 1, duration: 1s, thresholds: {thresholds}}}"
    notes = load(tmp_path, one("{url: /}", "status: 200", tail=tail)).plan.notes
    assert [(note.line, note.severity, note.fix) for note in notes] == [
        (7, Severity.WARNING, "Write `rate>0.99`."),
        (7, Severity.WARNING, "Write `rate<0.01`."),
        (7, Severity.WARNING, "Write `rate<0.01`."),
        (7, Severity.WARNING, "For seconds write 500."),
    ]


INPUTS = {
    "a tag that no test has": ({"tags": "critcal"}, "input `tags`: no test has the tag `critcal`", "`critical`"),
    "tags that leave nothing": ({"tags": "critical\n!load"}, "input `tags`: no test is left of 3", ""),
    "a variable that is a secret": (
        {"variables": "api_key=x"},
        "input `variables`: `api_key` is the name of a secret",
        "",
    ),
    "a secret of nothing": (
        {"secrets": "password=NOT_SET"},
        "input `secrets`: the secret `password`: the environment variable `NOT_SET`",
        "NOT_SET",
    ),
    "load without tests": (
        {"load": "true", "tags": "!load"},
        "input `load`: `tags` leaves no test that the load stage",
        "",
    ),
    "no history": (
        {"baseline": "none"},
        f"{AT}51 `regression` compares with earlier runs, but `baseline` is `none`",
        "Remove",
    ),
    "a plan that is not there": (
        {"plan": "smok.yml"},
        "smok.yml:None input `plan`: smok.yml: no such file or directory",
        "checkout",
    ),
    "a document that is not there": (
        {"openapi": "api.yml"},
        "api.yml:None input `openapi`: api.yml: no such file",
        "checkout",
    ),
}


@pytest.mark.parametrize(("inputs", "message", "fix"), INPUTS.values(), ids=INPUTS)
def test_inputs_that_contradict_the_plan_are_told(
    tmp_path: Path, inputs: dict[str, str], message: str, fix: str
) -> None:
    (tmp_path / PATH).write_text(EXAMPLE, encoding="utf-8")
    (complaint,) = wrong(tmp_path, files=FILES, environ=ENVIRON, **{"plan": PATH, **inputs})
    assert told((complaint,))[0].startswith(message)
    assert fix in complaint.fix
    assert complaint.fix


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"load": "true"}, "input `load`: the plan has no `load`"),
        ({"load-report": "k6.json"}, "input `load-report`: the plan has no `load.thresholds` to hold it against"),
        ({"tags": "a"}, "input `tags` chooses tests of a plan, and there is none"),
    ],
)
def test_inputs_that_ask_for_what_quick_checks_have_not(tmp_path: Path, inputs: dict[str, str], message: str) -> None:
    (complaint,) = wrong(tmp_path, checks=f"{SHOP}/health", **inputs)
    assert complaint.message == message


def test_a_quick_check_is_held_to_the_same_rules_and_its_line_told(tmp_path: Path) -> None:
    checks = f'{SHOP}/health\n/version 200 body contains "{{{{sha}}}}"'
    complaints = wrong(tmp_path, one("{url: /}", "status: 200", head="variables: {sah: x}"), checks=checks)
    assert [(one.path, one.line, one.message, one.fix) for one in complaints] == [
        ("", None, "input `checks`, line 2: `{{sha}}` is never set", "Write `{{sah}}`."),
        (
            PATH,
            5,
            "the step `GET /` asks for a path, and there is no base URL to put it below, and 1 more of the kind",
            "Set the input `base-url`, or `base_url` in the plan.",
        ),
    ]
    (complaint,) = wrong(tmp_path, checks=f'{SHOP}/ body contains "{{{{sha}}}}"')
    assert complaint.fix == "Set it in input `variables`, or capture it in an earlier step."


def test_where_nothing_is_given_the_fix_is_a_workflow_to_paste(tmp_path: Path) -> None:
    (complaint,) = wrong(tmp_path)
    assert complaint.message.startswith("nothing to test is given")
    assert "checks: |\n    GET /health 200" in complaint.fix


def test_mistakes_in_the_plan_and_in_quick_checks_are_told_at_once(tmp_path: Path) -> None:
    plan = one("{url: /, methd: x}", "asserts: [bod contains 1]\noptions: {retry: x}")
    complaints = wrong(tmp_path, plan, checks="GTE /", openapi="none.json")
    assert [(one.path, one.line) for one in complaints] == [
        (PATH, 5),
        (PATH, 6),
        (PATH, 7),
        ("none.json", None),
        ("", None),
    ]


def test_a_file_too_large_and_a_file_that_is_no_text_are_no_plans(tmp_path: Path) -> None:
    (complaint,) = wrong(tmp_path, "#" * 300_000)
    assert complaint.message == f"{PATH} is larger than 262,144 bytes"
    (tmp_path / PATH).write_bytes(b"tests: \xff\xfe\x00")
    (complaint,) = wrong(tmp_path, plan=PATH)
    assert complaint.message.startswith("this is not YAML")


def test_what_is_only_odd_is_noted_with_its_line(tmp_path: Path) -> None:
    head = f"{BASE}\nvariables: {{skus: a}}\nsecrets:\n  api_key: SMOKE_API_KEY\n  spare: SMOKE_PASSWORD"
    plan = one('{url: "/{{api_key}}", headers: {Authorization: Bearer abcdef123456}}', head=head, tail="")
    plan += "      - {request: {url: /b}, status: 200}\n"
    notes = load(tmp_path, plan, environ={**ENVIRON, "SMOKE_PASSWORD": "canary-password\n"}).plan.notes
    assert [(note.severity, note.path, note.line, note.message) for note in notes] == [
        (
            Severity.WARNING,
            PATH,
            5,
            "the secret `spare` begins or ends with white space, and is sent with it",
        ),
        (Severity.NOTICE, PATH, 2, "`{{skus}}` is used nowhere"),
        (Severity.NOTICE, PATH, 5, "`{{spare}}` is used nowhere"),
        (
            Severity.WARNING,
            PATH,
            9,
            "`Authorization` of the step `GET /{{api_key}}` looks like a secret that is written out",
        ),
        (Severity.NOTICE, PATH, 9, "the step `GET /{{api_key}}` expects nothing but a status below 400"),
    ]


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        ("{url: /, params: {api_key: abcdef123456}}", "api_key"),
        ("{url: /, auth: {bearer: ghp_0123456789abcdefghijklmnopqrstuvwxyz}}", "bearer"),
        ("{url: /, auth: {basic: [me, abcdef123456]}}", "password"),
        ("{url: /, method: PUT, json: {user: {login: [{password: abcdef123456}]}}}", "password"),
        ("{url: /, method: PUT, form: {client_secret: abcdef123456}}", "client_secret"),
        ("{url: /, method: PUT, data: 'AKIAIOSFODNN7EXAMPLE'}", "data"),
    ],
)
def test_a_secret_that_is_written_out_is_warned_of_and_not_shown(tmp_path: Path, request_: str, key: str) -> None:
    (note,) = load(tmp_path, one(request_, "status: 200")).plan.notes
    assert (note.severity, note.line) == (Severity.WARNING, 5)
    assert note.message.startswith(f"`{key}` of the step")
    assert "123456" not in note.message + note.fix


def test_a_variable_that_is_a_token_is_warned_of_and_a_template_or_a_test_password_is_not(tmp_path: Path) -> None:
    head = f"{BASE}\nvariables: {{t: sk_live_0123456789abcdef0123, password: wrong}}"
    request = '{url: "/{{t}}/{{password}}", method: PUT, file: smoke.yml, headers: {X-Api-Key: "{{t}}"}}'
    (note,) = load(tmp_path, one(request, "status: 200", head=head)).plan.notes
    assert note.message == "the variable `t` looks like a secret that is written out"


def test_a_plan_that_asserts_nothing_loads_with_a_warning(tmp_path: Path) -> None:
    (note,) = load(tmp_path, one("{url: /}")).plan.notes
    assert (note.severity, note.message) == (Severity.WARNING, "the plan asserts nothing, so it cannot pass")


def test_of_very_many_mistakes_the_first_hundred_are_told(tmp_path: Path) -> None:
    asserts = "\n".join(f'  - body contains "{{{{x{number}}}}}"' for number in range(150))
    assert len(wrong(tmp_path, one("{url: /}", f"asserts:\n{asserts}"))) == 100
