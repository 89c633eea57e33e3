"""Which addresses of a report a page may link to: those of the data bases and documents that scanners name.

A report, and a fork's outcome, may name any address; a link in a comment of ours would vouch for it. Pure.
"""

from __future__ import annotations

import re

LONGEST = 500
"""Characters; addresses of advisories are short."""

HOSTS = frozenset(
    {
        *("nvd.nist.gov", "osv.dev", "www.cve.org", "cve.mitre.org", "cwe.mitre.org", "rustsec.org", "pkg.go.dev"),
        *("avd.aquasec.com", "security.snyk.io", "snyk.io", "pyup.io", "data.safetycli.com", "docs.prismacloud.io"),
        *("security-tracker.debian.org", "ubuntu.com", "usn.ubuntu.com", "access.redhat.com", "linux.oracle.com"),
        *("bandit.readthedocs.io", "docs.astral.sh", "codeql.github.com", "eslint.org", "securego.io"),
        *("www.zaproxy.org", "rules.sonarsource.com", "www.shellcheck.net"),
    }
)
"""Whole hosts on which nobody but their owner writes."""

FOLDERS = ("https://github.com/advisories/", "https://github.com/hadolint/hadolint/wiki/", "https://semgrep.dev/r/")
"""Parts of hosts on which anybody may write elsewhere."""

_HOST = re.compile(r"https://([a-z0-9.-]+)(?:/|\Z)")


def is_linked(url: str) -> bool:
    """Whether a page may link to the address."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or ".." in url:
        return False
    found = _HOST.match(url)
    return found is not None and (found[1] in HOSTS or url.startswith(FOLDERS))
