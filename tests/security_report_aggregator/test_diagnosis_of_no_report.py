"""Why a file is no report: what people save in the place of one, and what they are told."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.readers.reports_at_hand import FIXTURES, made, opened

from security_report_aggregator.diagnosis import NATIVE, QUOTED, reason

PYTHON = """[main] INFO running
Traceback (most recent call last):
  File "a.py", line 1, in <module>
    run()
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "b.py", line 2, in run
    connect()
requests.exceptions.ConnectionError: https://user:token@db.example/x?key=1 is away
"""
RICH = """╭──── Traceback (most recent call last) ────╮
│ a.py:1 in <module>                          │
╰─────────────────────────────────────────────╯
ValueError: bad rule
"""
GO = """panic: runtime error: index out of range [3]

goroutine 1 [running]:
main.main()
\t/src/main.go:8 +0x1d
exit status 2
"""
JAVA = """12:00 INFO starting
org.owasp.dependencycheck.exception.NoDataException: No documents exist
\tat org.owasp.dependencycheck.Engine.ensureDataExists(Engine.java:1169)
\tat org.owasp.dependencycheck.App.main(App.java:82)
"""
NODE = """node:internal/modules/cjs/loader:933
  throw err;
  ^

Error: Cannot find module 'snyk'
Require stack:
- /app/x.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:930:15)
"""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PYTHON, "is a Python traceback, not a report: the scanner crashed with requests.exceptions.ConnectionError:"),
        (RICH, "the scanner crashed with ValueError: bad rule"),
        ("Traceback (most recent call last):\n", "the scanner crashed with no message"),
        (GO, "is a Go panic, not a report: the scanner crashed with panic: runtime error: index out of range [3]"),
        (JAVA, "is a Java stack trace, not a report: the scanner crashed with org.owasp.dependencycheck.exception.No"),
        (NODE, "is a stack trace of Node.js, not a report: the scanner crashed with Error: Cannot find module 'snyk'"),
        ("x" * 300_000 + "\n" + PYTHON, "is a Python traceback"),
        ("bash: line 1: trivy: command not found\n", "did not start: bash: line 1: trivy: command not found"),
        ("sh: 1: grype: not found\n", "did not start"),
        ("2024-01-01T00:00:00Z\tFATAL\tFatal error\trun error\n", "the scanner failed: 2024-01-01T00:00:00Z FATAL"),
        ("Unhandled exception happened: Invalid URL\n", "the scanner failed: Unhandled exception happened"),
        ("\nUsage: bandit [-h]\n\nNo such option\n", "is the usage text of a command"),
        ("[12:30:01] fatal: no data base\n", "the scanner failed: [12:30:01] fatal: no data base"),
        ('Warning: unpinned\n{"a": 1}\n', "has text before its JSON"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "`lfs: true`"),
        ("hello there\n", "is plain text of no report format"),
        ("123", "is plain text of no report format"),
    ],
)
def test_text_in_the_place_of_a_report(content: str, said: str) -> None:
    assert said in reason(made(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "NAME    INSTALLED  FIXED-IN  TYPE  VULNERABILITY\n",
            "the table of Grype, made for people: run it with `-o",
        ),
        ("Report Summary\n\n┌──────┐\n│ Target │\n", "the table of Trivy, made for people: run it with `-f json`"),
        ("| Library | Vulnerability | Severity |\n", "the table of Trivy"),
        ("Safety v2.3.5 is scanning for Vulnerabilities...\n", "text of Safety"),
        ("# npm audit report\n\nminimist  <0.2.1\n", "text of npm audit, made for people: run it with `--json`"),
        ("yarn audit v1.22.19\n", "text of yarn audit"),
        ("Found 2 known vulnerabilities in 1 package\n", "text of pip-audit"),
        ("Run started:2024-01-01\n\nTest results:\n>> Issue: [B101]\n", "text of Bandit"),
        ("terraform scan results:\n\nPassed checks: 3\n", "text of Checkov"),
        ("Dockerfile:3 DL3008 warning: Pin versions\n", "text of hadolint"),
        ("🐷🔑🐷  TruffleHog. Unearth your secrets. 🐷🔑🐷\n", "text of TruffleHog"),
        ("    ○\n10:00AM WRN leaks found: 3\n", "text of gitleaks"),
        ("│ Scan Status │\n", "text of Semgrep"),
        ("│ OSV URL │ CVSS │\n", "the table of OSV-Scanner"),
        (" Name    Version  License\n rich    15.0.0   MIT\n", "the table of pip-licenses"),
        ("Tested 5 package dependencies for known issues\n", "text of Snyk"),
        ("WARN-NEW: X-Frame-Options [10020] x 3\n", "text of ZAP"),
        ("╔══════╗\n║ any ║\n", "is a table made for people"),
        ("| a | b |\n|---|---|\n", "is a table made for people"),
    ],
)
def test_what_scanners_print_for_people_comes_with_the_option_for_machines(content: str, said: str) -> None:
    assert said in reason(made(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "is `{}`: the scanner ended without writing a report"),
        ({"error": "no database"}, "holds an error instead of a report: no database"),
        ({"error": {"code": "ENOLOCK", "summary": "No lock file", "detail": "x"}}, "ENOLOCK: No lock file: x"),
        ({"errors": [{"message": "not allowed"}]}, "holds an error instead of a report: not allowed"),
        ({"errors": ["first", "second"]}, "holds an error instead of a report: first"),
        ({"message": "Bad credentials", "status": 401}, "holds an error instead of a report: Bad credentials"),
        ({"message": "x", **dict.fromkeys("abcdefg", 1)}, "is JSON with the keys `message`, `a`"),
        ({"message": "x", "error": {"summary": ""}, **dict.fromkeys("abcdefg", 1)}, "instead of a report: x"),
        ({"error": [], "errors": None, "x": 1}, "is JSON with the keys `error`, `errors`, `x`: no report format"),
        ({str(n): n for n in range(12)}, "`6`, `7` and 4 more"),
        ({str(n): n for n in range(2000)} | {"error": "late"}, "instead of a report: late"),
        ([{"a": 1}, {"b": 2}], "is a list of 2 objects with the keys `a`: no report format"),
        ([{}], "is a list of 1 objects with no keys"),
        ([1, 2], "is a JSON list without objects"),
        ('{"a": 1}\n{"a": 2}\n', "holds JSON Lines with the keys `a`: no report format"),
        ('{"error": "away"}\n{"a": 2}\n', "holds an error instead of a report: away"),
        ('{"a": 1,\n"b": [1, 2', "ends in the middle of its JSON: truncated (line 2)"),
        ('{"a": 1} and more', "has more text after the end of its JSON (line 1)"),
        ("{'a': 1}", "is plain text"),
        ('{"a": 1, b: 2}', "is not JSON: Expecting property name enclosed in double quotes (line 1)"),
        ("[" * 200_000, "is nested too deeply"),
        (b'{"a": "\xff"}', "is not UTF-8 text"),
        (f'{{"a": {"9" * 6000}}}', "is not JSON any tool writes"),
    ],
)
def test_json_that_is_no_report(content: object, said: str) -> None:
    assert said in reason(made(content))


@pytest.mark.parametrize("native", NATIVE, ids=lambda native: native.name)
@pytest.mark.parametrize("as_list", [True, False])
def test_the_own_json_of_scanners_that_write_sarif_leads_to_sarif(native: object, as_list: bool) -> None:
    top = dict.fromkeys(native.keys, 1)  # type: ignore[attr-defined]
    assert f"is {native.name}'s own JSON" in reason(made([top] if as_list else top))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<!DOCTYPE html>\n<html><head><title>Sign in\n · GitHub</title>", 'web page titled "Sign in · GitHub"'),
        ("<html><body>502</body></html>", "is a web page, not a report: a login or an error page"),
        ('<?xml version="1.0"?><testsuite name="x"/>', "is XML with the root <testsuite>"),
        ("<<<<<<< HEAD\n", "starts like XML but is not"),
    ],
)
def test_markup_that_is_no_report(content: str, said: str) -> None:
    assert said in reason(made(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"SQLite format 3\0" + bytes(100), "is an SQLite data base"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"BZh91AY&SY" + bytes(50), "a bzip2 file, which is not unpacked here"),
        (b"a.json" + bytes(251) + b"ustar" + bytes(100), "a tar archive, which is not unpacked here"),
        (bytes(range(256)) * 4, "is binary data, not a report"),
    ],
)
def test_binary_data_is_named(content: bytes, said: str) -> None:
    assert said in reason(made(content))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("npm-audit/refused.json", "instead of a report: 405 Method Not Allowed"),
        ("npm-audit/no-lock.json", "instead of a report: ENOLOCK"),
        ("safety2/screen.txt", "text of Safety"),
        ("safety2/crashed.json", "the scanner failed: Unhandled exception happened"),
        ("gosec/gosec.json", "`-fmt sarif`"),
        ("njsscan/crashed.json", "`--sarif`"),
        ("ruff/ruff.json", "`--output-format sarif`"),
    ],
)
def test_what_real_scanners_leave_when_they_fail(file: str, said: str) -> None:
    assert said in reason(opened(FIXTURES / file))


def test_what_is_quoted_is_short_on_one_line_and_without_credentials() -> None:
    said = reason(made(PYTHON))
    assert "token" not in said
    assert "key=1" not in said
    long = reason(made({"error": "first line\nsecond \x1b[31mred\u202e " + "x" * 5000}))
    quoted = long.removeprefix("holds an error instead of a report: ")
    assert len(quoted) == QUOTED
    assert quoted.startswith("first line second red")
    assert quoted.endswith("…")


def test_plain_text_is_not_quoted_since_it_may_be_anything() -> None:
    assert "hunter2" not in reason(made("PASSWORD=hunter2\n"))


@pytest.mark.parametrize("unit", ["\n", "1\n", "Error ", "Error\n", " at x\n", "<title", "|", "[\n", "\t", "Tested 1 "])
def test_long_text_of_one_kind_takes_no_time(unit: str) -> None:
    start = time.process_time()
    reason(made("x" + unit * (256 * 1024 // len(unit))))
    assert time.process_time() - start < 10


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
@settings(max_examples=100)
def test_anything_gets_one_line(data: bytes) -> None:
    error = json.dumps({"error": data.decode("latin-1")}).encode()
    for content in (data, b"{" + data, b"[" + data, b"<" + data, error):
        said = reason(made(content))
        assert said
        assert "\n" not in said
