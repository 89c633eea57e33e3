"""Ignore files are told apart by what is in them; what is no ignore file is refused, never read as no waivers."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from security_report_aggregator import ignores

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "security"

TRIVY = "CVE-2021-44228\n"
TRIVY_YAML = "vulnerabilities:\n  - id: CVE-2021-44228\n"
OSV = '[[IgnoredVulns]]\nid = "CVE-2021-44228"\n'
OWN = "waivers:\n  - id: CVE-2021-44228\n    until: 2027-01-31\n    reason: not reachable\n"
OPENVEX = json.dumps(
    {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "timestamp": "2026-01-01T00:00:00Z",
        "statements": [
            {
                "vulnerability": {"name": "CVE-2021-44228"},
                "products": [{"@id": "pkg:maven/log4j/log4j@2.0"}],
                "status": "fixed",
            }
        ],
    }
)
CYCLONEDX = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "vulnerabilities": [
            {
                "id": "CVE-2021-44228",
                "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
                "affects": [{"ref": "pkg:maven/log4j/log4j@2.0"}],
            }
        ],
    }
)
ALL = {
    "trivyignore": TRIVY,
    "trivyignore ": TRIVY_YAML,
    "osv-scanner": OSV,
    "own": OWN,
    "openvex": OPENVEX,
    "cyclonedx": CYCLONEDX,
}


def refused(name: str, data: bytes | str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        ignores.read(name, data.encode() if isinstance(data, str) else data)
    return caught.value


@pytest.mark.parametrize(("source", "text"), ALL.items())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_content_tells_the_kind_whatever_the_name_and_encoding(source: str, text: str, encoding: str) -> None:
    (waiver,) = ignores.read("exceptions", text.encode(encoding))
    assert (waiver.source, waiver.ids) == (source.strip(), ("CVE-2021-44228",))
    assert waiver.on_base
    assert waiver.origin.path == "exceptions"


@pytest.mark.parametrize("name", [".trivyignore", "ci/.trivyignore.prod", ".trivyignore.yaml", "osv-scanner.toml"])
def test_an_empty_file_of_a_known_name_waives_nothing(name: str) -> None:
    assert ignores.read(name, b"# nothing yet\n") == ()
    assert ignores.read(name, b"") == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("Dear all, please ignore CVE-2021-44228.", "is no ignore file"),
        ("banner\nfoo\n", "is no ignore file"),
        ('["not", "a", "document"]', "is a JSON list that is no ignore file and no VEX document"),
        ("null", "is no ignore file"),
        ('{"version": "2.1.0", "runs": []}', "is a JSON object that is no ignore file"),
        ('<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><vulnerabilities/></bom>', "only the JSON form is read"),
        ("<html></html>", "is XML that is no ignore file"),
        ("rules:\n  - id: x\n", "is no ignore file"),
    ],
)
def test_what_is_no_ignore_file_is_refused_by_name(data: str, said: str) -> None:
    error = refused("exceptions", data)
    assert error.name == "exceptions"
    assert said in error.reason
    assert "OpenVEX" in error.reason


def test_bytes_that_are_no_text_are_refused_with_their_line() -> None:
    error = refused(".trivyignore", b"CVE-2021-44228\n\xff\xfa\n")
    assert (error.reason, error.line) == ("is not UTF-8 text", 2)


def test_a_name_cannot_break_the_line_it_is_shown_on() -> None:
    assert "\n" not in str(refused("a\n::error::b", "hello there"))


def test_the_corpus_document_that_is_none_is_an_error() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"{CORPUS} is not there")
    entries = json.loads((CORPUS / "INDEX.json").read_text())["entries"]
    (entry,) = [one for one in entries if one["tool"] == "openvex"]
    assert entry["outcome"] == "error"
    assert "JSON list" in refused(entry["file"], (CORPUS / entry["file"]).read_bytes()).reason


@given(st.sampled_from(sorted(ALL)), st.data())
@settings(max_examples=100)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(kind: str, data: st.DataObject) -> None:
    text = bytearray(ALL[kind].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=4))
    with suppress(Unreadable):
        assert all(waiver.ids or waiver.rules for waiver in ignores.read("exceptions", bytes(text)))


@given(st.sampled_from(["openvex", "cyclonedx"]), st.data())
@settings(max_examples=100)
def test_a_vex_document_with_wrong_types_is_read_or_refused(kind: str, data: st.DataObject) -> None:
    document = json.loads(ALL[kind])
    places = list(_places(document))
    junk = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=4)
    for holder, key in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique_by=id)):
        holder[key] = data.draw(junk)  # type: ignore[index]
    with suppress(Unreadable):
        found = ignores.read("vex.json", json.dumps(document).encode())
        assert all(waiver.ids and waiver.packages for waiver in found)


def _places(value: object) -> list[tuple[object, object]]:
    found: list[tuple[object, object]] = []
    keys: list[object] = list(value) if isinstance(value, dict) else []
    keys = list(range(len(value))) if isinstance(value, list) else keys
    for key in keys:
        found += [(value, key), *_places(value[key])]  # type: ignore[index]
    return found


def _many(kind: str, count: int) -> str:
    if kind == "trivyignore":
        return "".join(f"CVE-2020-{at:06}  exp:2030-01-01 # why {at}\n" for at in range(count))
    if kind == "osv-scanner":
        return "".join(
            f'[[IgnoredVulns]]\nid = "CVE-2020-{at:06}"\nignoreUntil = 2030-01-01\nreason = "why"\n\n'
            for at in range(count)
        )
    document = json.loads(ALL[kind])
    key = "statements" if kind == "openvex" else "vulnerabilities"
    (one,) = document[key]
    document[key] = []
    for at in range(count):
        copy = json.loads(json.dumps(one).replace("CVE-2021-44228", f"CVE-2020-{at:06}").replace("@2.0", f"@2.{at}"))
        document[key].append(copy)
    return json.dumps(document, indent=1)


@pytest.mark.parametrize("kind", ["trivyignore", "osv-scanner", "openvex", "cyclonedx"])
def test_ten_thousand_waivers_are_read_fast(kind: str) -> None:
    data = _many(kind, 10_000).encode()
    ignores.read("exceptions", ALL[kind].encode())  # Imports are not measured.
    started = time.process_time()
    assert len(ignores.read("exceptions", data)) == 10_000
    # Measured 0.1 to 0.3 s; the bound leaves room for a slower machine and none for quadratic work.
    assert time.process_time() - started < 10
