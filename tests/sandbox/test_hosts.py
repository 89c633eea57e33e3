"""Names that only one program resolves, as a hosts file of its own would make it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from sandbox.hosts import resolver, with_hosts

ASKS = """
import json, socket, sys
found = {name: sorted({entry[4][0] for entry in socket.getaddrinfo(name, 80)}) for name in sys.argv[1:]}
bytes_too = socket.getaddrinfo(b"shop.test", 80, type=socket.SOCK_STREAM)
print(json.dumps([__name__, found, [entry[4] for entry in bytes_too]]))
"""


def test_a_program_finds_its_hosts_in_order_and_the_rest_as_ever(tmp_path: Path) -> None:
    script = tmp_path / "asks.py"
    script.write_text(ASKS)
    hosts = {"shop.test": ["127.0.0.3", "127.0.0.2"]}
    argv = [*with_hosts((sys.executable, "-I", str(script)), hosts), "SHOP.test", "127.0.0.9"]
    printed = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    assert json.loads(printed) == [
        "__main__",
        {"SHOP.test": ["127.0.0.2", "127.0.0.3"], "127.0.0.9": ["127.0.0.9"]},
        [["127.0.0.3", 80], ["127.0.0.2", 80]],
    ]


def test_a_name_that_it_does_not_know_is_asked_for_with_everything_that_was_given() -> None:
    asked: list[Any] = []

    def ask(*arguments: Any, **named: Any) -> list[Any]:
        asked.append((arguments, named))
        return ["answer"]

    assert resolver({}, ask)("elsewhere.test", 443, type=1) == ["answer"]
    assert resolver({"shop.test": ()}, ask)(None, 80) == ["answer"]
    assert asked == [(("elsewhere.test", 443), {"type": 1}), ((None, 80), {})]
