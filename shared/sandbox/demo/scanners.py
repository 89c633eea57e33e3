"""The reports of the demo: of scanners that run now, and of ones that ran earlier on the same files.

Only ruff and hadolint come with the development environment. What the others wrote is in tests/fixtures/security, with
the command and the version of each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.checkout import Checkout
from sandbox.demo.scene import Source

FIXTURES = Path(__file__).resolve().parents[3] / "tests" / "fixtures" / "security"
FOLDER = "reports"

RUFF = (sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "S", "--output-format", "sarif")
HADOLINT = (str(Path(sysconfig.get_path("scripts")) / "hadolint"), "--format", "sarif", "Dockerfile")


@dataclass(frozen=True, slots=True)
class Report:
    """What a scanner wrote, and where that comes from."""

    content: bytes
    source: Source


def sample(name: str) -> dict[str, bytes]:
    """The files that the recorded reports speak of, by path: `project` or `clean`."""
    folder = FIXTURES / name
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def recorded(file: str) -> Report:
    """A report in tests/fixtures/security/reports, such as `bandit/bandit.json`. Raises LookupError for no such one."""
    index = json.loads((FIXTURES / "reports" / "INDEX.json").read_bytes())
    entry = next((one for one in index if one["file"] == file), None)
    if entry is None:
        raise LookupError(f"{file} is not in INDEX.json")
    path = f"{FOLDER}/{Path(file).parent}{Path(file).suffix}"
    source = Source(path, f"{entry['tool']} {entry['version']}", _plain(entry["command"]), is_fresh=False)
    return Report((FIXTURES / "reports" / file).read_bytes(), source)


def ruff(checkout: Checkout) -> Report:
    """ruff's security rules, run now over everything that is checked out."""
    return _run("ruff", RUFF, checkout)


def hadolint(checkout: Checkout) -> Report:
    """hadolint, run now over the Dockerfile that is checked out."""
    return _run("hadolint", HADOLINT, checkout)


def half(report: Report) -> Report:
    """The report as a full disk leaves it."""
    content = report.content[: len(report.content) // 2]
    then = f", then cut by the demo to {len(content):,} of {len(report.content):,} bytes"
    return Report(content, replace(report.source, then=then))


def _run(tool: str, command: tuple[str, ...], checkout: Checkout) -> Report:
    """Both end with 1 where they find something. Raises RuntimeError where the scanner could not work."""
    done = subprocess.run(command, cwd=checkout.path, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{tool} ended with {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    version = json.loads(done.stdout)["runs"][0]["tool"]["driver"].get("version", "")
    shown = " ".join((tool, *command[command.index("check") if "check" in command else 1 :]))
    return Report(done.stdout, Source(f"{FOLDER}/{tool}.sarif", f"{tool} {version}", shown, is_fresh=True))


def _plain(command: str) -> str:
    """A recorded command without the redirections that name the machine's variables."""
    plain = command.partition(' > "$REPORT"')[0].replace(' -o "$REPORT"', "")
    return plain.replace("$HERE/", "").replace("$ADVISORIES", "http://localhost").replace('"', "")
