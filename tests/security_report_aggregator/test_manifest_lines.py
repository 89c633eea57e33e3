"""Where manifests and lock files name a package, and which versions they hold."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from security_report_aggregator.manifest import FORMATS, holds, line_of
from security_report_aggregator.model import Package

REQUIREMENTS = """# Django is used
django-filter==1.0
Django[argon2]==3.2.1 ; python_version > "3"  # pinned
typing_extensions>=4,<5
flask
"""

PYPROJECT = """[project]
name = "django"
dependencies = [
  "django-filter~=2.0",
  "Django[argon2]>=3.2,<4; python_version>'3'", "flask",
]

[tool.poetry.dependencies]
requests = "^2.20.0"
celery = { extras = ["redis"], version = "~5.2.1" }
"""

TOML_LOCK = """[[package]]
name = "typing-extensions"
version = "4.1.1"

[[package]]
name = "django"
version = "3.2.1"
dependencies = ["typing-extensions"]
"""

PIPFILE_LOCK = """{
    "_meta": {"hash": {"sha256": "x"}},
    "default": {
        "django": {
            "hashes": ["sha256:1"],
            "index": "pypi",
            "version": "==3.2.1"
        }
    }
}
"""

PACKAGE_JSON = """{
  "name": "lodash",
  "scripts": {"lodash": "4.17.20"},
  "dependencies": {
    "@scope/lodash": "1.0.0",
    "lodash": "^4.17.0"
  },
  "devDependencies": {"jest": "~26.6.0", "exact": "1.2.3", "any": "*"}
}
"""

PACKAGE_LOCK = """{
  "packages": {
    "": {"dependencies": {"lodash": "^4.17.0"}},
    "node_modules/@scope/lodash": {
      "version": "4.17.20"
    },
    "node_modules/lodash": {
      "version": "4.17.20",
      "resolved": "x"
    },
    "node_modules/a/node_modules/lodash": {
      "version": "3.10.1"
    }
  }
}
"""

YARN_1 = """# yarn lockfile v1


"@babel/core@^7.0.0", "@babel/core@^7.1.0":
  version "7.12.3"

lodash@^4.17.0, lodash@^4.17.19:
  version "4.17.20"
  dependencies:
    lodash-es "^4.0.0"
"""

YARN_2 = """"lodash@npm:^4.17.0, lodash@npm:^4.17.19":
  version: 4.17.20
  resolution: "lodash@npm:4.17.20"
"""

PNPM_5 = "packages:\n\n  /lodash/4.17.20:\n    resolution: {}\n"
PNPM_6 = "packages:\n\n  /lodash@4.17.20(react@17.0.0):\n    resolution: {}\n"
PNPM_9 = "packages:\n\n  '@babel/core@7.12.3':\n    resolution: {}\n  lodash@4.17.20:\n    resolution: {}\n"

GO_MOD = """module example.org/app

require golang.org/x/net v0.1.0

require (
\tgolang.org/x/text v0.3.0 // indirect
\tgithub.com/gin-gonic/gin v1.6.0+incompatible
)
"""

POM = """<project>
  <properties><log4j.version>2.14.1</log4j.version></properties>
  <dependencies>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-core</artifactId>
      <version>${log4j.version}</version>
    </dependency>
    <dependency>
      <groupId>com.example</groupId>
      <artifactId>log4j-core</artifactId>
      <version>1.0</version>
    </dependency>
  </dependencies>
</project>
"""

GEMFILE_LOCK = """GEM
  specs:
    actionpack (5.2.0)
      rack (~> 2.0)
    rack (2.0.1)
"""

CARGO_TOML = '[dependencies]\nserde = "1.0.1"\ntokio = { features = ["full"], version = "1.2.0" }\n'

COMPOSER_LOCK = """{"packages": [
  {"name": "symfony/http-kernel", "version": "v5.4.1"},
  {"name": "monolog/monolog", "version": "2.0.0"}
]}
"""

CSPROJ = """<Project>
  <ItemGroup>
    <PackageReference Include="Newtonsoft.Json" Version="12.0.1" />
    <PackageReference Include="Serilog">
      <Version>2.0.0</Version>
    </PackageReference>
  </ItemGroup>
</Project>
"""


@pytest.mark.parametrize(
    ("path", "text", "package", "line"),
    [
        ("requirements.txt", REQUIREMENTS, Package("pypi", "django", "3.2.1"), 3),
        ("a/requirements-dev.in", REQUIREMENTS, Package("pypi", "typing.extensions", "4.1.1"), 4),
        ("pyproject.toml", PYPROJECT, Package("pypi", "Django", "3.2.1"), 5),
        ("pyproject.toml", PYPROJECT, Package("pypi", "requests", "2.25.1"), 9),
        ("pyproject.toml", PYPROJECT, Package("pypi", "celery", "5.2.7"), 10),
        ("poetry.lock", TOML_LOCK, Package("pypi", "Typing_Extensions", "4.1.1"), 2),
        ("uv.lock", TOML_LOCK.replace("\n", "\r\n"), Package("pypi", "django", "3.2.1"), 6),
        ("Pipfile.lock", PIPFILE_LOCK, Package("pypi", "Django", "3.2.1"), 4),
        ("Pipfile", '[packages]\ndjango = "==3.2.1"\n', Package("pypi", "django", "3.2.1"), 2),
        ("web/package.json", PACKAGE_JSON, Package("npm", "lodash", "4.17.20"), 6),
        ("package.json", PACKAGE_JSON, Package("npm", "jest", "26.6.3"), 8),
        ("package-lock.json", PACKAGE_LOCK, Package("npm", "lodash", "4.17.20"), 7),
        ("package-lock.json", PACKAGE_LOCK, Package("npm", "lodash", "3.10.1"), 11),
        ("package-lock.json", PACKAGE_LOCK, Package("npm", "@scope/lodash", "4.17.20"), 4),
        ("yarn.lock", YARN_1, Package("npm", "lodash", "4.17.20"), 7),
        ("yarn.lock", YARN_1, Package("npm", "@babel/core", "7.12.3"), 4),
        ("yarn.lock", YARN_2, Package("npm", "lodash", "4.17.20"), 1),
        ("pnpm-lock.yaml", PNPM_5, Package("npm", "lodash", "4.17.20"), 3),
        ("pnpm-lock.yaml", PNPM_6, Package("npm", "lodash", "4.17.20"), 3),
        ("pnpm-lock.yaml", PNPM_9, Package("npm", "lodash", "4.17.20"), 5),
        ("pnpm-lock.yaml", PNPM_9, Package("npm", "@babel/core", "7.12.3"), 3),
        ("go.mod", GO_MOD, Package("golang", "golang.org/x/net", "v0.1.0"), 3),
        ("go.mod", GO_MOD, Package("golang", "github.com/gin-gonic/gin", "1.6.0"), 7),
        ("go.sum", "golang.org/x/net v0.1.0/go.mod h1:x\n", Package("golang", "golang.org/x/net", "0.1.0"), 1),
        ("pom.xml", POM, Package("maven", "org.apache.logging.log4j:log4j-core", "2.14.1"), 6),
        ("pom.xml", POM, Package("maven", "com.example:log4j-core", "1.0"), 11),
        ("pom.xml", POM, Package("maven", "log4j-core", "1.0"), 11),
        ("build.gradle", "x 'a:b:1.0'\nx 'org.a:b:1.0'\n", Package("maven", "org.a:b", "1.0"), 2),
        ("Gemfile.lock", GEMFILE_LOCK, Package("gem", "rack", "2.0.1"), 5),
        ("Gemfile", "source 'x'\ngem 'rack', '~> 2.0.1'\n", Package("gem", "rack", "2.0.3"), 2),
        ("Cargo.lock", TOML_LOCK, Package("cargo", "django", "3.2.1"), 6),
        ("Cargo.toml", CARGO_TOML, Package("cargo", "tokio", "1.2.0"), 3),
        ("composer.lock", COMPOSER_LOCK, Package("composer", "symfony/http-kernel", "5.4.1"), 2),
        (
            "composer.json",
            '{"require": {"monolog/monolog": ">=1.0 <3"}}',
            Package("composer", "monolog/monolog", "2.0"),
            1,
        ),
        ("src/App.csproj", CSPROJ, Package("nuget", "newtonsoft.json", "12.0.1"), 3),
        ("src\\App.csproj", CSPROJ, Package("nuget", "Serilog", "2.0.0"), 4),
    ],
)
def test_the_line_that_names_a_package_and_the_version_it_holds(
    path: str, text: str, package: Package, line: int
) -> None:
    assert line_of(text, path, package) == line
    assert holds(text, path, package)
    assert not holds(text, path, Package(package.type, package.name, "99.0.0"))
    assert not holds(text, path, Package(package.type, package.name))
    assert line_of(text, path, Package(package.type, f"{package.name}-x", "1")) is None


@pytest.mark.parametrize(
    ("said", "version", "admitted"),
    [
        ("^1.2.3", "1.9.0", True),
        ("^1.2.3", "2.0.0", False),
        ("^0.2.3", "0.3.0", False),
        ("^0.0.3", "0.0.4", False),
        ("^0.0", "0.0.9", True),
        ("~1.2.3", "1.2.9", True),
        ("~1.2.3", "1.3.0", False),
        (">1.0 <=2.0", "2.0", True),
        (">1.0 <2.0", "2.0", False),
        (">= 1.0", "1.0", True),
        ("> 1.0", "1.0", False),
        ("1.2.3", "1.2.3", True),
        ("v1.2.3", "1.2.3", True),
        ("^1 || ^2", "1.0.0", False),
        ("latest", "1.0.0", False),
        ("*", "1.0.0", False),
    ],
)
def test_a_range_admits_what_its_ecosystem_says_and_nothing_it_does_not_understand(
    said: str, version: str, admitted: bool
) -> None:
    assert holds(f'{{"dependencies": {{"a": "{said}"}}}}', "package.json", Package("npm", "a", version)) is admitted


def test_a_specifier_nobody_can_read_admits_nothing() -> None:
    package = Package("pypi", "django", "3.2")
    assert not holds("django==3.2,<nonsense\n", "requirements.txt", package)
    assert not holds("django\n", "requirements.txt", package)
    assert not holds('[tool.poetry.dependencies]\ndjango = "~3.1"\n', "pyproject.toml", package)


def test_a_property_of_another_file_admits_nothing() -> None:
    text = POM.replace("log4j.version>", "other>")
    assert not holds(text, "pom.xml", Package("maven", "org.apache.logging.log4j:log4j-core", "2.14.1"))


@pytest.mark.parametrize("path", ["README.md", "notes.txt", "", "lock"])
def test_a_file_of_no_known_format_says_nothing(path: str) -> None:
    assert line_of("django==3.2.1", path, Package("pypi", "django", "3.2.1")) is None


def test_without_the_version_the_first_mention_counts() -> None:
    assert line_of(PACKAGE_LOCK, "package-lock.json", Package("npm", "lodash", "")) == 7
    assert line_of(PACKAGE_LOCK, "package-lock.json", Package("npm", " ", "1")) is None


PATHS = st.sampled_from(sorted({"requirements.txt", "x.csproj", *FORMATS}))


@settings(max_examples=100, deadline=None)
@given(
    PATHS,
    st.text(alphabet='a@/:."{}[]()<>=^~ \n-_*|1', max_size=60),
    st.text(alphabet="a@/:.()[*+\\-_ ", max_size=6),
    st.text(alphabet="1.v-²", max_size=5),
)
def test_no_text_and_no_name_makes_the_search_fail(path: str, text: str, name: str, version: str) -> None:
    package = Package("pypi" if path.startswith("r") else "npm", name, version)
    line = line_of(text, path, package)
    assert line is None or 1 <= line <= text.count("\n") + 1
    assert not holds(text, path, package) or line is not None


def test_a_lock_file_of_megabytes_is_searched_in_milliseconds() -> None:
    entries = {
        f"node_modules/p{number}": {"version": f"1.{number}.0", "integrity": "sha512-" + "a" * 88}
        for number in range(10_000)
    }
    text = json.dumps({"packages": entries}, indent=1)
    started = time.process_time()
    for number in range(0, 10_000, 100):
        line = line_of(text, "package-lock.json", Package("npm", f"p{number}", f"1.{number}.0"))
        assert line == 3 + 4 * number
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("lodash", 2),
        ("node_modules/lodash", 2),
        ("node_modules/a/node_modules/LoDash", 2),
        ("node_modules/@x/lodash", None),
        ("xlodash", None),
        ("\u0130/node_modules/lodash", 2),
    ],
)
def test_a_key_of_npm_is_the_name_or_ends_with_it_behind_node_modules(key: str, line: int | None) -> None:
    text = '{"packages": {\n"' + key + '": {"version": "4.17.1"}}}'
    assert line_of(text, "package-lock.json", Package("npm", "lodash", "4.17.1")) == line
    assert holds(text, "package-lock.json", Package("npm", "lodash", "4.17.1")) is (line is not None)
