"""Which source files tests are expected to reach: not the tests themselves, nor what builds and configures."""

from __future__ import annotations

import re
from collections.abc import Container

_FOLDERS = frozenset(
    {"test", "tests", "testing", "__tests__", "spec", "specs", "e2e", "testdata", "test-data", "fixtures"}
    | {"__fixtures__", "__mocks__", "mocks", "bench", "benchmark", "benchmarks", "example", "examples", "doc", "docs"}
    | {".github", ".storybook"}
)
# By the conventions of pytest, unittest, Go, Jest, Vitest, Cypress, RSpec, JUnit, xUnit and PHPUnit.
_TESTS = re.compile(
    r"test_.+|.+_(?:test|tests|spec)\.\w+|.+\.(?:test|tests|spec|stories|e2e|cy|bench)\.\w+"
    r"|(?:.+(?:Test|Tests|TestCase|IT|Spec)|Test[A-Z].*)\.(?:java|kt|groovy|scala|cs|fs|vb|php|swift)"
)
_BUILD = re.compile(
    r"(?:conftest|setup|noxfile|tasks|fabfile|manage)\.py|.+\.config\.[cm]?[jt]s|.+\.d\.[cm]?ts|(?:gulp|grunt)file\..+"
    r"|build\.rs|.+\.gradle\.kts|(?:package|module)-info\.java",
    re.IGNORECASE,
)


def is_product(path: str, measured_folders: Container[str] = ()) -> bool:
    """True if a change to this source file should show up in coverage.

    A folder with a test's name is one of the product all the same if files right in it are measured.
    """
    folder, _, name = path.rpartition("/")
    if _TESTS.fullmatch(name) or _BUILD.fullmatch(name):
        return False
    return folder in measured_folders or _FOLDERS.isdisjoint(folder.lower().split("/"))
