"""Which operation a request is for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .exchange import Route

SEVERAL_SEGMENTS = frozenset({"path", "ref", "basehead", "branch", "commit_sha", "tree_sha"})
"""Parameters that may hold slashes: the description marks them `x-multi-segment`, which OpenAPI itself cannot say."""


class Router:
    """Matches decoded paths against templates; the template with the most fixed text wins."""

    def __init__(self, routes: Iterable[Route]) -> None:
        ordered = sorted(routes, key=lambda route: len(re.sub(r"\{\w+\}", "", route.template)), reverse=True)
        self._patterns = [(route, re.compile(_pattern(route.template))) for route in ordered]

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and the arguments in the path; None when no operation is served there."""
        for route, pattern in self._patterns:
            found = pattern.fullmatch(path)
            if found and route.method == method:
                return route, found.groupdict(default="")
        return None


def _pattern(template: str) -> str:
    pattern = ""
    for text, name in re.findall(r"([^{]+)(?:\{(\w+)\})?", template):
        if name == "path":  # the root folder is asked for with and without a slash
            pattern += re.escape(text.removesuffix("/")) + r"(?:/(?P<path>.*))?"
        elif name:
            pattern += re.escape(text) + f"(?P<{name}>{'.+' if name in SEVERAL_SEGMENTS else '[^/]+'})"
        else:
            pattern += re.escape(text)
    return pattern
