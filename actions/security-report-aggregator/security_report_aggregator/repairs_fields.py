"""The members of a SARIF object that nobody vouches for: what has the wrong type is left out, and listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from security_report_aggregator.sarif_repairs import Repairs

NULLS = "members that are null are left out: GitHub wants them absent"
TYPES = "members of a wrong type are left out"
NUMBERS = "numbers where GitHub wants text are written as text"
UNREAD = "members that GitHub does not read are left out"
SURROGATES = "characters that are none (lone surrogates) are replaced"

_SURROGATE = re.compile("[\ud800-\udfff]")


class Fields:
    """One object and where it is; each member is asked for once, and `end` leaves out what nobody asked for."""

    def __init__(self, value: object, where: str, repairs: Repairs) -> None:
        self.where, self.repairs = where, repairs
        self.given: Mapping[str, object] = value if isinstance(value, dict) else {}
        self._asked: set[str] = set()

    def value(self, key: str) -> object:
        """The member as it is; None where it is absent or null."""
        self._asked.add(key)
        found = self.given.get(key)
        if found is None and key in self.given:
            self.repairs.add(NULLS, self._at(key))
        return found

    def text(self, key: str) -> str:
        """The text; "" where there is none."""
        found = self.value(key)
        if isinstance(found, str):
            return self.clean(found, key)
        if isinstance(found, int | float) and not isinstance(found, bool):
            self.repairs.add(NUMBERS, self._at(key))
            return str(found)
        self._wrong(key, found)
        return ""

    def whole(self, key: str) -> int | None:
        """The whole number from 0; None where there is none, or SARIF's -1 for none."""
        found = self.value(key)
        if isinstance(found, float) and found.is_integer():
            self.repairs.add(TYPES, self._at(key))
            found = int(found)
        if isinstance(found, int) and not isinstance(found, bool):
            return found if found >= 0 else None
        self._wrong(key, found)
        return None

    def part(self, key: str) -> Fields:
        """The object; one without members where there is none."""
        found = self.value(key)
        if not isinstance(found, dict):
            self._wrong(key, found)
        return Fields(found, self._at(key), self.repairs)

    def parts(self, key: str) -> Iterator[tuple[int, Fields]]:
        """The objects of a list with their places in it; other elements are left out."""
        for at, one in enumerate(self.elements(key)):
            if isinstance(one, dict):
                yield at, Fields(one, f"{self._at(key)}[{at}]", self.repairs)
            else:
                self.repairs.add(TYPES, f"{self._at(key)}[{at}]")

    def elements(self, key: str) -> list[object]:
        found = self.value(key)
        if isinstance(found, list):
            return found
        self._wrong(key, found)
        return []

    def texts(self, key: str) -> dict[str, str]:
        """An object of which all values are texts."""
        part = self.part(key)
        return {part.clean(name, name): text for name in part.given if (text := part.text(name))}

    def end(self) -> None:
        """Nothing else of the object is read."""
        for key in self.given:
            if key not in self._asked:
                self.repairs.add(UNREAD, self._at(key))

    def clean(self, text: str, key: str) -> str:
        """`text` as UTF-8 can hold it."""
        if text.isascii() or not _SURROGATE.search(text):
            return text
        self.repairs.add(SURROGATES, self._at(key))
        return _SURROGATE.sub("\ufffd", text)

    def _wrong(self, key: str, found: object) -> None:
        if found is not None:
            self.repairs.add(TYPES, self._at(key))

    def _at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key
