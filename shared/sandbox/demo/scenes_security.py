"""The shop takes over an old service with many weaknesses; from then on every change is judged by its scanners.

`only_new` of its policy lets the old ones stand, listed; a change may add none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.consumer import Consumer, comment_of
from sandbox.demo import scanners
from sandbox.demo.scanners import Report
from sandbox.demo.scene import Analysed, Scene
from sandbox.demo.scenes_coverage import shop_files
from sandbox.github.model import PullRequest
from sandbox.github.tokens import Access
from sandbox.runner import Event

ACTION = "security-report-aggregator"
POLICY = ".github/security-policy.yml"

OF_SERVICE = (
    "bandit/bandit.json",
    "semgrep/semgrep.json",
    "pip-audit/pip-audit.json",
    "safety2/safety.json",
    "npm-audit/npm-audit.json",
    "gitleaks/gitleaks.json",
    "detect-secrets/baseline.json",
)
UPGRADED = (*OF_SERVICE, "pip-audit/clean.json", "safety2/clean.json")
"""After the upgrade of requirements.txt: the last two take the place of those tools' first reports."""

MAIN = "refs/heads/main"

SEARCH = '''"""Finding products by name."""

import sqlite3


def search(database, name):
    query = f"SELECT id, name FROM products WHERE name LIKE '%{name}%'"
    return sqlite3.connect(database).execute(query).fetchall()
'''
ORDERS = '''"""Numbers of orders."""

import random


def order_number():
    """Seven digits that tell nobody how many orders there were before."""
    return random.randrange(10**6, 10**7)
'''
BACKUP = '''"""Saving the data base."""

import subprocess


def save(database):
    subprocess.run("/usr/bin/sqlite3 " + database + " .dump > backup.sql", shell=True, check=True)
'''
WAIVER = """waivers:
  - rule: {rule}
    paths: [{path}]
    until: {until}
    reason: {reason}
    approved_by: "@org/security"
"""


def play(work: Path) -> Iterator[Scene]:
    """Every scene in order. `work` is a new folder for the checkout. Raises RuntimeError for a broken contract."""
    # Where a self-hosted runner checks out: scanners that write absolute paths write such.
    with Consumer.serve(work / "_work" / "shop" / "shop", {**shop_files(), **scanners.sample("project")}) as shop:
        yield _taken_over(shop)
        yield _new(shop)
        yield from _fixed(shop)
        yield _waived(shop)
        yield _waived_by_itself(shop)
        yield _incomplete(shop)
        if shop.hub.violations:
            raise RuntimeError("requests that GitHub would refuse:\n" + "\n".join(shop.hub.violations))


def _taken_over(shop: Consumer) -> Scene:
    story = (
        "The shop took over an old service. Nine scanners looked at it, each in its own words: what several of them "
        "found is one row. The policy says only-new, so all of this is recorded as known and fails nobody's change."
    )
    return _judged(shop, shop.push(), "A push to main", story, _reports(shop, OF_SERVICE), uploads_to=MAIN)


def _new(shop: Consumer) -> Scene:
    pull, event = shop.open_pull("search", {"src/shop/search.py": SEARCH}, title="Search for products")
    story = (
        "One new function, which makes SQL of what a visitor types. ruff ran over it; the recorded reports speak of "
        "the old service, which is as it was. Known findings stay listed, and only the new one fails."
    )
    merge = f"refs/pull/{pull.number}/merge"
    return _judged(shop, event, _title(pull), story, _reports(shop, OF_SERVICE), pull=pull, uploads_to=merge)


def _fixed(shop: Consumer) -> Iterator[Scene]:
    lighter = {"requirements.txt": scanners.sample("clean")["requirements.txt"]}
    pull, event = shop.open_pull("upgrade", lighter, title="Upgrade PyYAML, drop the rest")
    story = (
        "Every comment asks for upgrades in requirements.txt. This change upgrades PyYAML and drops the rest. The "
        "reports of pip-audit and Safety are of the new file, so what they no longer find is fixed."
    )
    yield _judged(shop, event, _title(pull), story, _reports(shop, UPGRADED), pull=pull)
    shop.checkout.switch("main")
    shop.checkout.git("merge", "--quiet", "--no-ff", "--message", f"Merge #{pull.number}", pull.head_sha)
    pull.close()
    story = "Merged. pip-audit and Safety found nothing: each has an empty run, so GitHub closes their alerts."
    reports = _reports(shop, UPGRADED)
    yield _judged(shop, shop.push(), f"#{pull.number}, merged", story, reports, uploads_to=MAIN)


def _waived(shop: Consumer) -> Scene:
    waiver = _waiver("S311", "src/shop/orders.py", "a number of an order is no secret")
    shop.checkout.switch("main")
    shop.checkout.commit("Waive S311 for numbers of orders", {POLICY: _policy(shop) + waiver})
    pull, event = shop.open_pull("orders", {"src/shop/orders.py": ORDERS}, title="Number the orders")
    story = (
        "ruff dislikes how the number is drawn. A waiver for that stands on main already, approved by the team that "
        "the policy asks for and with a last day: it counts, and is shown."
    )
    return _judged(shop, event, _title(pull), story, _reports(shop, UPGRADED), pull=pull)


def _waived_by_itself(shop: Consumer) -> Scene:
    path = "src/shop/backup.py"
    own = _policy(shop) + _waiver("S602", path, "the name comes from us").removeprefix("waivers:\n")
    pull, event = shop.open_pull("backup", {path: BACKUP, POLICY: own}, title="Back the data base up")
    story = "A shell command made of a parameter, and a waiver for it in the same change. No change approves itself."
    return _judged(shop, event, _title(pull), story, _reports(shop, UPGRADED), pull=pull)


def _incomplete(shop: Consumer) -> Scene:
    pull, event = shop.open_pull("readme", {"README.md": "# The shop\n"}, title="Shorten the README")
    story = (
        "Nothing but a text changed. But the disk was full while ruff wrote its report, and npm's registry refused the "
        "audit. No finding can be read from either; that is not clean."
    )
    broken = scanners.half(scanners.ruff(shop.checkout)), scanners.recorded("npm-audit/refused.json")
    return _judged(shop, event, _title(pull), story, [*_reports(shop, UPGRADED), *broken], pull=pull)


def _judged(
    shop: Consumer,
    on: Event,
    title: str,
    story: str,
    reports: Sequence[Report],
    *,
    pull: PullRequest | None = None,
    uploads_to: str = "",
) -> Scene:
    """Run the action over the reports; a later one takes the place of an earlier one of its name."""
    given = {report.source.path: report for report in reports}
    shop.checkout.write({path: report.content for path, report in given.items()})
    with_ = {"reports": f"{scanners.FOLDER}/*", "upload-sarif": str(bool(uploads_to)).lower()}
    allowed: dict[str, Access] = {"contents": "read", "pull-requests": "write"} if pull else {"contents": "write"}
    if uploads_to:
        allowed["security-events"] = "write"
    shown = shop.run(ACTION, on=on, with_=with_, token=shop.token(allowed))
    sources = tuple(report.source for report in given.values())
    comment = comment_of(pull) if pull else ""
    return Scene(title, story, shown, comment, ACTION, sources, uploads_to, tuple(_analysed(shop, uploads_to)))


def _reports(shop: Consumer, files: Sequence[str]) -> list[Report]:
    """The recorded reports, and those of the scanners that run now on what is checked out."""
    return [scanners.ruff(shop.checkout), scanners.hadolint(shop.checkout), *map(scanners.recorded, files)]


def _analysed(shop: Consumer, ref: str) -> Iterator[Analysed]:
    """What code scanning has of a reference now."""
    scanning = shop.repository.code_scanning
    on_main = {alert.number for alert in scanning.alerts(MAIN) if alert.state == "open"}
    alerts = scanning.alerts(ref)
    for one in scanning.newest(ref):
        own = [alert for alert in alerts if alert.analysis.configuration == one.configuration]
        standing = [alert for alert in own if alert.state == "open"]
        yield Analysed(
            tool=f"{one.tool.name} {one.tool.version or ''}".strip(),
            category=one.category,
            results=one.results_count,
            open=len(standing),
            added=sum(alert.number not in on_main for alert in standing),
            fixed=len(own) - len(standing),
        )


def _policy(shop: Consumer) -> str:
    return shop.checkout.git("show", f"main:{POLICY}") + "\n"


def _waiver(rule: str, path: str, reason: str) -> str:
    """A waiver for the next 90 days."""
    until = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    return WAIVER.format(rule=rule, path=path, until=until, reason=reason)


def _title(pull: PullRequest) -> str:
    return f"#{pull.number} {pull.issue.title}"
