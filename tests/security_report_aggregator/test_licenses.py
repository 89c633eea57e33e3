"""Licences held against the policy: expressions, deprecated ids, classifiers, and what nobody can place."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.security_report_aggregator.judged_made import a_scan, reported, weak

from actionkit.origin import Origin
from security_report_aggregator import licenses, spdx
from security_report_aggregator.model import Category, Finding, Level, Licensed, Package, Scan
from security_report_aggregator.policy import Licenses

WHERE = Origin("licenses", ".github/security-policy.yml", 9)
DJANGO = Package("pypi", "django", "3.2.1")


def lists(allow: str = "", deny: str = "", packages: tuple[str, ...] = ()) -> Licenses:
    """Lists of ids, divided by commas."""
    return Licenses(
        tuple(filter(None, (one.strip() for one in allow.split(",")))),
        tuple(filter(None, (one.strip() for one in deny.split(",")))),
        WHERE,
        packages,
    )


def level_of(text: str, licenses_: Licenses) -> Level | None:
    """How a package of this licence is rated; None if it passes."""
    (scan,) = licenses.judged([a_scan("pip-licenses", licensed=(Licensed(DJANGO, text),))], licenses_)
    return scan.policy_findings[0].rated.level if scan.policy_findings else None


ALLOWED, NOT_ALLOWED, DENIED, UNREAD = None, Level.MEDIUM, Level.HIGH, Level.UNKNOWN


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("MIT", ALLOWED),
        ("mit", ALLOWED),
        ("MIT License", ALLOWED),
        ("The MIT License (MIT)", ALLOWED),
        ("License :: OSI Approved :: MIT License", ALLOWED),
        ("Apache Software License", ALLOWED),
        ("Apache License, Version 2.0", ALLOWED),
        ("http://www.apache.org/licenses/LICENSE-2.0", ALLOWED),
        ("https://opensource.org/licenses/MIT", ALLOWED),
        ("MIT OR GPL-3.0-only", ALLOWED),
        ("GPL-3.0 or MIT License", ALLOWED),
        ("MIT/Apache-2.0", ALLOWED),
        ("(MIT AND Apache-2.0) OR Foo", ALLOWED),
        ("Apache-2.0 WITH LLVM-exception", ALLOWED),
        ("Apache-2.0+", ALLOWED),
        ("MIT License; Apache Software License", ALLOWED),
        ("DFSG approved; MIT License", ALLOWED),
        ("BSD-3-Clause", NOT_ALLOWED),
        ("MIT AND BSD-3-Clause", NOT_ALLOWED),
        ("BSD License", NOT_ALLOWED),
        ("BSD-3-Clause OR GPL-3.0-only", NOT_ALLOWED),
        ("BSD-3-Clause AND Foo Bar", NOT_ALLOWED),
        ("Mozilla Public License 2.0 (MPL 2.0)", NOT_ALLOWED),
        ("LicenseRef-ours", NOT_ALLOWED),
        ("UNLICENSED", NOT_ALLOWED),
        ("GPL-3.0-only", DENIED),
        ("GPL-3.0", DENIED),
        ("GPL-3.0+", DENIED),
        ("GPL-3.0-or-later", DENIED),
        ("GNU General Public License v3 or later (GPLv3+)", DENIED),
        ("GNU General Public License (GPL)", DENIED),
        ("GPL-3.0-with-GCC-exception", DENIED),
        ("MIT AND GPL-3.0-only", DENIED),
        ("MIT; GPLv3", DENIED),
        ("Foo Bar AND GPL-3.0-only", DENIED),
        ("", UNREAD),
        ("UNKNOWN", UNREAD),
        ("NOASSERTION", UNREAD),
        ("Foo Bar", UNREAD),
        ("MIT AND Foo Bar", UNREAD),
        ("UNKNOWN; MIT License", UNREAD),
        ("GPL-3.0-only OR Foo Bar", UNREAD),
        ("MIT OR", UNREAD),
        ("(" * 900, UNREAD),
        ("()", UNREAD),
        ("a OR(" + "MIT AND(MIT OR(" * 50 + "MIT" + ")" * 101, ALLOWED),
        ("MIT OR ( OR GPL-3.0-only", UNREAD),
        ("MIT\n\nCopyright (c) somebody", UNREAD),
        ("MIT " * 400, UNREAD),
        ("Classpath-exception-2.0", UNREAD),
    ],
)
def test_a_licence_text_is_read_and_held_against_both_lists(text: str, level: Level | None) -> None:
    assert level_of(text, lists(allow="MIT, Apache-2.0", deny="GPL-3.0-only")) == level


@pytest.mark.parametrize(
    ("allow", "deny", "text", "level"),
    [
        ("", "GPL-3.0-only", "BSD-3-Clause", ALLOWED),
        ("", "GPL-3.0-only", "Foo", UNREAD),
        ("", "gpl-3.0", "GPL-3.0-or-later", DENIED),
        ("", "GPL-3.0-or-later", "GPL-3.0-only", DENIED),
        ("", "GPL-3.0-only", "GPL-2.0-only", ALLOWED),
        ("GPL-2.0-only", "", "GPL-2.0-or-later", ALLOWED),
        ("GPL-2.0-or-later", "", "GPL-2.0-only", NOT_ALLOWED),
        ("GPL-3.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", ALLOWED),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only", "GPL-2.0-with-classpath-exception", ALLOWED),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only", "GPL-2.0-only", DENIED),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "", "GPL-2.0-only", NOT_ALLOWED),
        ("", "GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0", DENIED),
        ("", "GPL-2.0-only", "GPL-2.0-or-later WITH Classpath-exception-2.0", DENIED),
        ("Public Domain", "", "Public Domain", ALLOWED),
        ("LicenseRef-ours", "", "LicenseRef-Ours", NOT_ALLOWED),
        ("LicenseRef-ours", "", "LicenseRef-ours", ALLOWED),
        ("BSD-2-Clause, BSD-3-Clause", "", "BSD", ALLOWED),
        ("BSD-2-Clause", "", "BSD", NOT_ALLOWED),
    ],
)
def test_what_names_the_licence_most_exactly_decides(allow: str, deny: str, text: str, level: Level | None) -> None:
    assert level_of(text, lists(allow, deny)) == level


def test_a_finding_says_who_what_and_why_and_the_records_stay_what_the_report_held() -> None:
    inventory = a_scan(
        "pip-licenses",
        licensed=(
            Licensed(DJANGO, "GPLv3"),
            Licensed(Package("pypi", "attrs", "1"), "MIT"),
            Licensed(Package("pypi", "odd", ""), "My own\nlicence"),
            Licensed(Package("pypi", "mute", "2"), "UNKNOWN"),
            Licensed(Package("pypi", "b", "3"), "BSD-2-Clause"),
        ),
    )
    (scan,) = licenses.judged([inventory], lists("MIT", "GPL-3.0-only"))
    denied, odd, mute, not_allowed = scan.policy_findings
    assert denied.message == "django 3.2.1 has the licence GPL-3.0-only, which the policy denies"
    assert (denied.category, denied.tool, denied.rule.id) == (
        Category.LICENSE,
        "pip-licenses",
        "license/GPL-3.0-only",
    )
    assert (denied.package, denied.license, denied.rated.source) == (DJANGO, "GPL-3.0-only", licenses.DENIED)
    assert odd.message == "odd states the licence `My own licence`, which SPDX does not know"
    assert (odd.rule.id, odd.license, odd.rated.level) == ("license/unknown", "", Level.UNKNOWN)
    assert mute.message == "mute 2 states the licence `UNKNOWN`, which SPDX does not know"
    assert not_allowed.message == "b 3 has the licence BSD-2-Clause, which the policy does not allow"
    assert (scan.records, scan.findings) == (5, ())
    assert licenses.breaks(weak(denied))
    assert licenses.breaks(weak(not_allowed))
    assert not licenses.breaks(weak(odd))
    assert not licenses.breaks(weak(replace(denied, suppressed="x")))


def test_a_package_may_be_accepted_whatever_its_licence_is() -> None:
    accepting = lists("MIT", packages=("pypi/Django",))
    assert level_of("GPL-3.0-only", accepting) is None
    assert level_of("", accepting) is None


def scanned(**fields: object) -> Finding:
    return replace(reported(Level.LOW, "GPL-3.0", category=Category.LICENSE, tool="trivy", package=DJANGO), **fields)  # type: ignore[arg-type]


def review(finding: Finding, policy: Licenses) -> Finding:
    (scan,) = licenses.judged([a_scan(findings=(finding,))], policy)
    assert scan.records == 1
    return scan.findings[0]


def test_what_another_scanner_reports_is_set_aside_where_the_policy_allows_it() -> None:
    found = review(scanned(license="GPL-3.0"), lists("GPL-3.0-only"))
    assert found.suppressed == licenses.ALLOWED
    assert licenses.allowed(weak(found))
    assert review(scanned(license="GPL-3.0"), lists("MIT", packages=("django",))).suppressed == licenses.ALLOWED
    already = scanned(license="GPL-3.0", suppressed="ignored")
    assert review(already, lists("GPL-3.0-only")).suppressed == "ignored"


def test_and_rated_up_where_the_policy_is_stricter() -> None:
    found = review(scanned(license="GPL-3.0"), lists(deny="GPL-3.0-only"))
    assert (found.rated.level, found.suppressed) == (Level.HIGH, "")
    assert licenses.breaks(weak(found))
    worse = review(scanned(license="GPL-3.0", rated=reported(Level.CRITICAL).rated), lists("MIT"))
    assert worse.rated.level is Level.CRITICAL
    assert licenses.breaks(weak(worse))


@pytest.mark.parametrize("text", ["", "Foo Bar"])
def test_but_left_alone_where_nobody_can_place_the_licence(text: str) -> None:
    finding = scanned(license=text)
    assert review(finding, lists("MIT")) == finding


def test_findings_of_other_kinds_are_left_alone() -> None:
    code = reported(license="GPL-3.0")
    (scan,) = licenses.judged([a_scan(findings=(code, scanned(license="MIT")))], lists("MIT"))
    assert scan.findings[0] is code


def test_no_report_can_say_that_our_policy_allows_a_licence() -> None:
    forged = scanned(license="GPL-3.0", suppressed=licenses.ALLOWED)
    found = review(forged, lists("MIT"))
    assert found.suppressed not in ("", licenses.ALLOWED)
    assert not licenses.allowed(weak(found))


def test_without_a_policy_or_anything_to_judge_nothing_is_touched() -> None:
    scans = (a_scan(licensed=(Licensed(DJANGO, "GPL"),)), a_scan("bandit", findings=(reported(),)))
    assert licenses.judged(scans, None) == scans
    assert licenses.judged(scans[1:], lists("MIT")) == scans[1:]


def test_the_library_is_not_even_imported_without_something_to_judge() -> None:
    script = (
        "import sys\n"
        "from security_report_aggregator import gate, licenses, policies\n"
        "from security_report_aggregator.policy import Licenses\n"
        "from actionkit.origin import Origin\n"
        "licenses.judged([], Licenses(('MIT',), (), Origin('licenses')))\n"
        "sys.exit('license_expression' in sys.modules or 'pydantic' in sys.modules)\n"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], check=False, env={"PYTHONPATH": ":".join(sys.path)}).returncode
        == 0
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("MIT AND (Apache-2.0 OR BSD-3-Clause)", "MIT AND (Apache-2.0 OR BSD-3-Clause)"),
        ("MIT OR Apache-2.0 AND BSD-3-Clause", "MIT OR (Apache-2.0 AND BSD-3-Clause)"),
        ("GNU GPL or MIT", "(GPL-2.0-or-later AND GPL-3.0-or-later) OR MIT"),
        ("GPL-2.0+ WITH Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("GNU GPL WITH Classpath exception 2.0", "GPL-2.0-or-later AND GPL-3.0-or-later"),
        ("LGPLv2.1", "LGPL-2.1-only"),
        ("GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"),
        ("AGPLv3 or newer", "AGPL-3.0-or-later"),
        ("Sleepycat License", "Sleepycat"),
        ("University of Illinois/NCSA Open Source License", "NCSA"),
        ("LicenseRef-operand-7 AND MIT", "LicenseRef-operand-7 AND MIT"),
        ("MIT, BSD-3-Clause", "MIT AND BSD-3-Clause"),
        ("MIT WITH", "MIT WITH"),
    ],
)
def test_a_text_is_shown_as_the_expression_it_was_read_as(text: str, shown: str) -> None:
    assert str(spdx.read(text)) == shown


def test_every_spdx_id_is_read_as_itself() -> None:
    assert [id_ for id_ in spdx.ids() if not itself(id_)] == []


def itself(id_: str) -> bool:
    """Apart from the deprecated ids that SPDX replaced by an expression with an exception."""
    found = spdx.read(id_)
    return found == spdx.Licence(id_) or (isinstance(found, spdx.Licence) and "-with-" in id_ and bool(found.exception))


def test_every_name_of_the_table_is_one_that_can_be_found_and_means_known_licences() -> None:
    for name, meant in spdx.NAMES.items():
        assert spdx.folded(name) == name
        found = spdx.read(name)
        assert found is not None
        assert str(found) == str(spdx.read(meant))
        assert all(leaf.known for leaf in spdx.leaves(found))


def test_without_a_list_of_licences_there_are_only_separators() -> None:
    assert spdx.read(" ; , ") == spdx.Licence("; ,", known=False)
    assert spdx.read("OSI Approved; DFSG approved") == spdx.Licence("OSI Approved; DFSG approved", known=False)


WORDS = st.sampled_from(
    [
        "MIT",
        "GPL-3.0-only",
        "BSD",
        "Apache 2.0",
        "Foo Bar",
        "LicenseRef-x",
        "AND",
        "OR",
        "WITH",
        "(",
        ")",
        ";",
        "/",
        ",",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join)))
def test_no_text_is_an_error_and_each_is_judged(text: str) -> None:
    assert level_of(text, lists("MIT", "GPL-3.0-only")) in (ALLOWED, NOT_ALLOWED, DENIED, UNREAD)


IDS = st.sampled_from(["MIT", "Apache-2.0", "BSD-3-Clause", "GPL-3.0-only"])
EXPRESSIONS = st.recursive(
    IDS,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.sets(IDS), st.sets(IDS))
def test_allowing_more_never_makes_an_expression_worse_and_denying_more_never_better(
    text: str, allowed: set[str], more: set[str]
) -> None:
    order = [ALLOWED, NOT_ALLOWED, DENIED]
    few, many = lists(",".join(allowed | {"ISC"})), lists(",".join(allowed | more | {"ISC"}))
    assert order.index(level_of(text, many)) <= order.index(level_of(text, few))
    strict = lists(",".join(allowed | {"ISC"}), ",".join(more - allowed))
    assert order.index(level_of(text, strict)) >= order.index(level_of(text, few))


def test_a_scan_may_hold_many_packages_of_few_licences() -> None:
    many = tuple(Licensed(Package("npm", f"p{number}", "1"), "MIT OR Apache-2.0") for number in range(20_000))
    (scan,) = licenses.judged([a_scan(licensed=many)], lists("ISC"))
    assert isinstance(scan, Scan)
    assert len(scan.policy_findings) == 20_000
