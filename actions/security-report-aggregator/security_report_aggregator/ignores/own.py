"""Our own ignore file: `waivers:` in YAML, in the same form as in the policy file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from actionkit import yamlcore
from actionkit.errors import Complaint, UsageError
from actionkit.origin import Origin
from actionkit.scope import Scope
from actionkit.yamlcore import Keys
from security_report_aggregator.document import Document, Kind
from security_report_aggregator.ignores.formats import IgnoreFormat, reason_of
from security_report_aggregator.waiver import Waiver

if TYPE_CHECKING:
    from security_report_aggregator.policy_file import WaiverConfig

KEY = "waivers"

_KEY = re.compile(rf"""^(["']?){KEY}\1\s*:""", re.MULTILINE)


def waivers(
    configs: Sequence[WaiverConfig], path: str, line_of: Callable[[Keys], int | None], source: str
) -> tuple[Waiver, ...]:
    """What the entries of a list `waivers:` in the file at `path` mean.

    `line_of` tells the line of a value by its keys. Raises UsageError for every entry that names nothing.
    """
    complaints = [
        Complaint(f"`{KEY}[{at}]` {wrong}", fix, path, line_of((KEY, at)))
        for at, one in enumerate(configs)
        for wrong, fix in _flaws(one)
    ]
    if complaints:
        raise UsageError(complaints)
    return tuple(
        Waiver(
            Origin(f"{KEY}[{at}]", path, line_of((KEY, at))),
            reason_of(one.reason),
            ids=_both(one.id, one.ids),
            rules=_both(one.rule, one.rules),
            packages=_both(one.package, one.packages),
            scope=Scope.of(one.paths or ()),
            categories=one.category or (),
            until=one.until,
            approved_by=one.approved_by or "",
            source=source,
        )
        for at, one in enumerate(configs)
    )


def _flaws(one: WaiverConfig) -> Iterator[tuple[str, str]]:
    """What keeps an entry from covering anything, and how to fix it."""
    if not any((one.id, one.ids, one.rule, one.rules, one.package, one.packages, one.paths)):
        yield "does not say what it waives", "Add `id`, `rule`, `package` or `paths`."
    if one.paths and all(text.startswith("!") for text in one.paths):
        yield "has `paths` that only leave out", "Begin with a glob that takes in, such as `**`."


def _both(single: str | None, several: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*([single] if single else []), *(several or ()))))


def _recognises(document: Document) -> bool:
    if document.kind is Kind.OBJECT:  # JSON is YAML.
        return document.has(KEY) or document.has(KEY, "[]")
    return document.kind is Kind.TEXT and bool(_KEY.search(document.head))


def _read(document: Document) -> tuple[Waiver, ...]:
    from actionkit.config import load_config
    from security_report_aggregator.ignores.own_file import OwnFile

    try:
        loaded = load_config(document.name, document.data, OwnFile)
        return waivers(loaded.waivers, document.name, yamlcore.read(document.data).line_of, "own")
    except UsageError as error:
        first, *others = error.complaints
        more = f" (and {len(others)} more like it)" if others else ""
        raise document.unreadable(f"{first.message}. {first.fix}{more}".strip(), first.line) from None


FORMAT = IgnoreFormat(_recognises, _read)
