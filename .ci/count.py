"""Count the tests in JUnit files: `python .ci/count.py FILE…`, exit 1 for a failure, a skip, or a file without tests.

A skipped test is one that nobody knows to pass, so CI has none: what a test needs, `.ci/run` sets up.
Its last line is `N passed, N failed`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from defusedxml import ElementTree


@dataclass(frozen=True, slots=True)
class Count:
    passed: int
    failed: int
    skipped: tuple[str, ...]


def count(path: Path) -> Count:
    """The test cases of one JUnit file, each counted by what stands in it."""
    cases = list(ElementTree.parse(path).iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = tuple(
        f"{case.get('classname')}::{case.get('name')}" for case in cases if case.find("skipped") is not None
    )
    return Count(len(cases) - failed - len(skipped), failed, skipped)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    counts = {path: count(path) for path in parser.parse_args().files}
    for path, found in counts.items():
        print(f"{path.stem}: {found.passed} passed, {found.failed} failed, {len(found.skipped)} skipped")
        for name in found.skipped:
            print(f"  skipped: {name}")
    failed = sum(found.failed for found in counts.values())
    bad = failed or any(found.skipped or not found.passed for found in counts.values())
    print(f"\n{sum(found.passed for found in counts.values())} passed, {failed} failed")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
