"""Paths in reports, as paths in the repository."""

from __future__ import annotations

import posixpath
import re

_CHECKOUT = re.compile(
    r"(?:/github/workspace|(?:/.*?/_?work|/_work|/__w|[A-Za-z]:/a|[A-Za-z]:/.*?/_work)/([^/]+)/\1)(?:/|$)"
)
"""Where GitHub's runners check out, by their conventions for `GITHUB_WORKSPACE`; `/github/workspace` in a container."""


def relative(path: str) -> str:
    """`./src\\a.py`, `file:///github/workspace/src/a.py` -> `src/a.py`; "" for none.

    A path outside of any checkout a runner makes stays absolute: nothing tells what it is relative to.
    """
    plain = path.strip().removeprefix("file://").replace("\\", "/")
    if not plain:
        return ""
    if found := _CHECKOUT.match(plain):
        plain = plain[found.end() :] or "."
    return posixpath.normpath(plain)
