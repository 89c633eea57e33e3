"""The small repository of these tests, and a plain HTTP client for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

from sandbox.github import Token

SHOP = {"README.md": "# Shop\n", "src/cart.py": "def total(prices):\n    return sum(prices)\n"}

EVERYTHING = {"actions": "write", "contents": "write", "issues": "write", "pull-requests": "write"}


@dataclass
class Client:
    """Requests against the repository `org/shop`, under a token or none; `send("GET", "/pulls")`."""

    url: str
    token: Token | None
    session: requests.Session = field(default_factory=requests.Session)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.url}/repos/org/shop{path}"
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token.secret}"
        return self.session.request(method, url, headers=headers, timeout=20, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        return self.send("POST", path, json=body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> requests.Response:
        return self.send("PATCH", path, json=body, **options)

    def delete(self, path: str) -> requests.Response:
        return self.send("DELETE", path)
