"""Where a SARIF result lies in the repository."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.security_report_aggregator.readers.sarif_logs import at, finding, log, result, run, scan, scans

from security_report_aggregator.model import Location
from security_report_aggregator.readers.sarif_places import Place, Places, Wrong


def place(uri: str, base: str = "", **members: Any) -> Place | None:
    given = {"uri": uri, **({"uriBaseId": base} if base else {})}
    bases = members.get("bases", {})
    return Places([], bases, members.get("root", {}), members.get("working", [])).of(given)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("src/a.py", "src/a.py"),
        ("./src//b/../a.py", "src/a.py"),
        (".github/workflows/a.yml", ".github/workflows/a.yml"),
        ("src/a%20b%2Ec.py", "src/a b.c.py"),
        ("src/100%.py", "src/100%.py"),
        ("src/My Folder/a.py", "src/My Folder/a.py"),
        ("read me.md", "read me.md"),
        (" src/a.py ", "src/a.py"),
        ("src\\a.py", "src/a.py"),
        ("src/ä.py", "src/ä.py"),
        ("file:src/a.py", "src/a.py"),
        ("file://./src/a.py", "src/a.py"),
        ("file:///github/workspace/src/a.py", "src/a.py"),
        ("/github/workspace/src/a.py", "src/a.py"),
        ("/home/runner/work/shop/shop/src/a.py", "src/a.py"),
        ("file:///home/runner/work/shop/shop/src/a%20b.py", "src/a b.py"),
        ("FILE://localhost/home/runner/work/shop/shop/a.py", "a.py"),
        ("/Users/runner/work/shop/shop/src/a.py", "src/a.py"),
        ("/__w/shop/shop/src/a.py", "src/a.py"),
        ("/_work/shop/shop/a.py", "a.py"),
        ("/opt/actions-runner/_work/shop/shop/src/a.py", "src/a.py"),
        ("D:\\a\\shop\\shop\\src\\a.py", "src/a.py"),
        ("D:/a/shop/shop/src/a.py", "src/a.py"),
        ("file:///D:/a/shop/shop/src/a.py", "src/a.py"),
        ("file:///D:/actions-runner/_work/shop/shop/src/a.py", "src/a.py"),
    ],
)
def test_a_uri_is_a_path_in_the_repository(uri: str, path: str) -> None:
    assert place(uri) == Place(path)


@pytest.mark.parametrize(
    ("uri", "path", "wrong"),
    [
        ("https://example.com/a.js", "https://example.com/a.js", Wrong.NOTHING),
        ("alpine:3.18", "alpine:3.18", Wrong.NOTHING),
        ("pkg:npm/a@1", "pkg:npm/a@1", Wrong.NOTHING),
        (".", ".", Wrong.NOTHING),
        ("file:///github/workspace/", ".", Wrong.NOTHING),
        ("../other/a.py", "../other/a.py", Wrong.OUTSIDE),
        ("src/../../a.py", "src/../../a.py", Wrong.OUTSIDE),
        ("%2e%2e/a.py", "../a.py", Wrong.OUTSIDE),
        ("/github/workspace/../a.py", "../a.py", Wrong.OUTSIDE),
        ("/usr/lib/a.py", "/usr/lib/a.py", Wrong.OUTSIDE),
        ("C:\\src\\a.py", "C:/src/a.py", Wrong.OUTSIDE),
        ("file://server/share/a.py", "//server/share/a.py", Wrong.OUTSIDE),
        ("/home/runner/work/shop/other/a.py", "/home/runner/work/shop/other/a.py", Wrong.OUTSIDE),
        ("not a valid URI", "not a valid URI", Wrong.NO_FILE),
        ("src/a\nb.py", "src/a\nb.py", Wrong.NO_FILE),
    ],
)
def test_what_is_no_file_of_the_repository_is_a_resource(uri: str, path: str, wrong: Wrong) -> None:
    assert place(uri) == Place(path, is_file=False, wrong=wrong)


BASES: dict[str, object] = {
    "SUB": {"uri": "file:///home/runner/work/shop/shop/sub/"},
    "HOME": {"uri": "file:///home/me/shop"},
    "SRC": {"uri": "src", "uriBaseId": "HOME"},
    "DEEP": {"uri": "deep/", "uriBaseId": "SRC"},
    "LOOP": {"uri": "x/", "uriBaseId": "LOOP"},
    "LOST": {"uri": "lost/", "uriBaseId": "NOWHERE"},
    "ODD": ["x"],
    "PLAIN": {"description": {"text": "the root"}},
}


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("SUB", "sub/a.py"),
        ("HOME", "a.py"),
        ("SRC", "src/a.py"),
        ("DEEP", "src/deep/a.py"),
        ("LOST", "lost/a.py"),
        ("ODD", "a.py"),
        ("PLAIN", "a.py"),
        ("%SRCROOT%", "a.py"),
        ("LOOP", "x/x/x/x/x/x/x/x/a.py"),
    ],
)
def test_a_path_is_relative_to_its_base(base: str, path: str) -> None:
    assert place("a.py", base, bases=BASES) == Place(path)


def test_an_absolute_path_lies_in_what_the_run_calls_a_base_or_its_working_directory() -> None:
    assert place("file:///home/me/shop/src/a.py", bases=BASES) == Place("src/a.py")
    nested: dict[str, object] = {"SUB": {"uri": "file:///x/y/sub/"}, "TOP": {"uri": "file:///x/y/"}}
    assert place("/x/y/sub/a.py", bases=nested) == place("a.py", "SUB", bases=nested) == Place("sub/a.py")
    assert place("/usr/a.py", bases={"DISK": {"uri": "file:///"}}) == Place(
        "/usr/a.py", is_file=False, wrong=Wrong.OUTSIDE
    )
    assert place("/srv/ci/src/a.py", working=[{"uri": "file:///srv/ci"}]) == Place("src/a.py")
    assert place("/srv/ci/src/a.py", working=[{"uri": "src"}, {}]) == Place(
        "/srv/ci/src/a.py", is_file=False, wrong=Wrong.OUTSIDE
    )


def test_the_root_that_the_repository_is_mapped_to_counts_most() -> None:
    root = {"uriBaseId": "HOME"}
    assert place("a.py", "SRC", bases=BASES, root=root) == Place("src/a.py")
    assert place("/home/me/shop/src/a.py", bases=BASES, root=root) == Place("src/a.py")
    assert place("/home/me/shop/src/a.py", bases=BASES, root={"uriBaseId": "SRC"}) == Place("a.py")
    relative = {"ROOT": {"uri": "checkout/"}, "SRC": {"uri": "src/", "uriBaseId": "ROOT"}}
    assert place("a.py", "SRC", bases=relative, root={"uriBaseId": "ROOT"}) == Place("src/a.py")
    inside = {"uri": "shop/", "uriBaseId": "UP"}
    bases = {"UP": {"uri": "file:///home/me/"}}
    assert place("/home/me/shop/a.py", bases=bases, root=inside) == Place("a.py")


def test_an_artifact_is_named_by_its_index() -> None:
    artifacts = [{"location": {"uri": "src/a.py"}}, {"location": {"uri": "b.py", "uriBaseId": "SRC"}}, None, {}]
    bases = {"SRC": {"uri": "src/"}}
    found = []
    for index in (0, 1, 2, 3, 4, -1, True, "0"):
        where = {"locations": [{"physicalLocation": {"artifactLocation": {"index": index}}}]}
        found.append(finding(result(**where), artifacts=artifacts, originalUriBaseIds=bases).location)
    src_b = Location("src/b.py")
    assert found == [Location("src/a.py"), src_b, None, None, None, None, src_b, None]


@pytest.mark.parametrize(
    ("region", "location"),
    [
        ({"startLine": 3}, (3, None, None, None)),
        ({"startLine": 3, "startColumn": 4, "endLine": 5, "endColumn": 6}, (3, 4, 5, 6)),
        ({"startLine": 3, "startColumn": 4, "endColumn": 6}, (3, 4, None, 6)),
        ({"startLine": "3", "startColumn": 4.0}, (3, 4, None, None)),
        ({"startLine": 3, "startColumn": 0, "endColumn": 0}, (3, None, None, None)),
        ({"startLine": 3, "endLine": 2, "endColumn": 9}, (3, None, None, None)),
        ({"startLine": 3, "startColumn": 4, "endLine": 3, "endColumn": 2}, (3, 4, 3, None)),
        ({"startLine": 0, "startColumn": 0}, (None, None, None, None)),
        ({"startLine": -1}, (None, None, None, None)),
        ({"startLine": True}, (None, None, None, None)),
        ({"charOffset": 10, "charLength": 3}, (None, None, None, None)),
        ({"byteOffset": 10, "byteLength": 3, "startColumn": 4}, (None, None, None, None)),
        ({}, (None, None, None, None)),
    ],
)
def test_a_region_is_lines_and_columns_or_nothing(
    region: dict[str, Any], location: tuple[int | None, int | None, int | None, int | None]
) -> None:
    assert finding(result(**at("a.py", **region))).location == Location("a.py", *location)


@pytest.mark.parametrize(
    "locations",
    [
        None,
        [],
        "odd",
        [None],
        [{}],
        [{"physicalLocation": None}],
        [{"physicalLocation": {"region": {"startLine": 1}}}],
        [{"physicalLocation": {"artifactLocation": {"uri": ""}}}],
        [{"physicalLocation": {"artifactLocation": {"uri": 5}}}],
        [{"logicalLocations": [{"name": "main"}]}],
    ],
)
def test_a_result_may_lie_nowhere(locations: object) -> None:
    found = scan(result(locations=locations))
    assert found.findings[0].location is None
    assert found.complete


def test_a_logical_location_is_the_resource() -> None:
    where = at("main.tf", startLine=1)["locations"][0]
    for logical, resource in [
        ([{"fullyQualifiedName": "aws_s3_bucket.logs", "name": "logs"}], "aws_s3_bucket.logs"),
        ([{"name": "logs"}, {"name": "other"}], "logs"),
        ([{}], ""),
        ("logs", ""),
    ]:
        assert finding(result(locations=[{**where, "logicalLocations": logical}])).resource == resource


def test_the_source_text_is_the_regions_or_its_line_in_the_context() -> None:
    def found(**members: object) -> str:
        physical = {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}, **members}
        location = finding(result(locations=[{"physicalLocation": physical}])).location
        assert location is not None
        return location.snippet

    context = {"startLine": 2, "snippet": {"text": "two\nthree\nfour"}}
    assert found(region={"startLine": 3, "snippet": {"text": "three!"}}, contextRegion=context) == "three!"
    assert found(contextRegion=context) == "three"
    assert found(contextRegion={"startLine": 9, "snippet": {"text": "nine"}}) == ""
    assert found(contextRegion={"snippet": {"text": "nine"}}) == ""
    assert found(contextRegion="odd") == ""
    assert found(region={"startLine": 3, "snippet": {"rendered": {}}}) == ""


def test_a_location_that_names_no_file_makes_the_scan_incomplete() -> None:
    found = scan(result(**at("not a valid URI", startLine=2)), result(**at("a.py")))
    assert found.gaps == ("results that lie where no file can be: the location names none: 1 (first: not a valid URI)",)
    assert found.findings[0].location == Location("not a valid URI", is_file=False)


def test_a_location_outside_of_the_repository_is_noted() -> None:
    found = scan(result(**at("/usr/lib/a.py", startLine=2)), result(**at("../a.py")))
    assert found.complete
    assert found.notes == (
        "results that lie outside of the repository, as far as the report tells: 2 (first: /usr/lib/a.py)",
    )


@pytest.mark.parametrize("order", [1, -1])
def test_bases_count_wherever_they_stand_in_the_run(order: int) -> None:
    """Trivy writes them behind the results, in which they are named."""
    where = {"physicalLocation": {"artifactLocation": {"uri": "a.tf", "uriBaseId": "ROOTPATH"}}}
    members = run(result(locations=[where]), originalUriBaseIds={"ROOTPATH": BASES["SUB"]})
    (found,) = scans(log(dict(list(members.items())[::order])))
    assert found.findings[0].location == Location("sub/a.tf")


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=20))
def test_any_uri_is_a_place_or_none(uri: str, base: str, parent: str) -> None:
    bases: dict[str, object] = {base: {"uri": parent, "uriBaseId": uri}, uri: {"uri": "file:///x/"}}
    found = Places([], bases, {"uriBaseId": base}, [{"uri": parent}]).of({"uri": uri, "uriBaseId": base})
    if found is not None and found.is_file:
        assert not found.path.startswith("/")
        assert ".." not in found.path.split("/")
