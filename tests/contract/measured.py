"""What the contract tests measure: LCOV reports of the small shop, and runs of the action over them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.consumer import Consumer
from sandbox.runner import Shown

Hits = Mapping[int, int]
"""Line number -> how often it ran."""

CART = "src/cart.py"
FULL: Mapping[str, Hits] = {CART: {4: 1, 5: 1, 8: 1, 9: 1, 10: 1, 11: 1}}
MOST: Mapping[str, Hits] = {CART: {4: 1, 5: 1, 8: 1, 9: 1, 10: 0, 11: 1}}
MORE = "\n\ndef shipping(total):\n    if total > 50:\n        return 0\n    return 5\n"
"""A function to add below the cart, on lines 13 to 16."""

WITH_MORE: Mapping[str, Hits] = {CART: {**FULL[CART], 13: 1, 14: 1, 15: 0, 16: 1}}
"""The cart with `MORE` below it, one of its four lines not covered."""

HISTORY = "refs/heads/actions-data"


def lcov(lines: Mapping[str, Hits]) -> bytes:
    """An LCOV report: path -> line -> hits."""
    records = []
    for path, hits in lines.items():
        body = "".join(f"DA:{line},{count}\n" for line, count in sorted(hits.items()))
        hit = sum(1 for count in hits.values() if count)
        records.append(f"TN:\nSF:{path}\n{body}LF:{len(hits)}\nLH:{hit}\nend_of_record\n")
    return "".join(records).encode(errors="surrogateescape")


def document(folder: Path) -> dict[str, Any] | None:
    """The outcome file in the workspace `folder`, None if there is none. Raises ValueError if it is half written."""
    path = folder / ".actions/coverage-gate/outcome.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def outcome_of(shop: Consumer, shown: Shown) -> dict[str, Any]:
    """The outcome file that the run's output `outcome` names."""
    found: dict[str, Any] = json.loads((shop.checkout.path / shown.outputs["outcome"]).read_text(encoding="utf-8"))
    return found


def record_main(shop: Consumer, lines: Mapping[str, Hits] = FULL) -> Shown:
    """A push to main that measured these lines and passed."""
    shop.checkout.write({"lcov.info": lcov(lines)})
    shown = shop.run("coverage-gate", on=shop.push(), with_={})
    assert shown.exit_code == 0, shown.log
    return shown


def history(shop: Consumer) -> dict[str, dict[str, Any]]:
    """The records on the history branch by commit; they and the index name the same commits. {} without a branch."""
    if HISTORY not in shop.repository.refs.names():
        return {}
    objects = shop.repository.objects
    tree = objects.files(objects.commit(shop.repository.tip("actions-data")).tree)
    files = {path: objects.read(entry.sha, "blob") for path, entry in tree.items()}
    index = json.loads(files["coverage-gate/index.json"])
    records = {
        path.removeprefix("coverage-gate/commits/").removesuffix(".json"): json.loads(content)
        for path, content in files.items()
        if path.startswith("coverage-gate/commits/")
    }
    assert {entry["sha"]: entry["lines"] for entry in index["entries"]} == {
        sha: record["lines"] for sha, record in records.items()
    }
    assert all(record["sha"] == sha for sha, record in records.items())
    return records
