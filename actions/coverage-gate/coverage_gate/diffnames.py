"""File names as they stand in the headers of a unified diff: prefixed, quoted, followed by a time. Pure."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-7]{1,3})')
_QUOTED = rb'"(?:[^"\\]|\\.)*"'
_QUOTED_FIRST = re.compile(rb"(" + _QUOTED + rb") (.+)")
_QUOTED_LAST = re.compile(rb"(.+) (" + _QUOTED + rb")")
_ESCAPED = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}

# Git's own prefixes; the last four are those of diff.mnemonicPrefix (index, work tree, commit, object).
_PREFIXES = (b"a/", b"b/", b"i/", b"w/", b"c/", b"o/")
_NOWHERE = b"/dev/null"


def unquoted(name: bytes) -> str:
    """A name as git writes it: in quotes with C escapes if it holds unusual bytes, else as it is."""
    return _text(_unquoted(name))


def header_name(names: bytes) -> str:
    """The one name that both halves of a `diff --git` line state, without prefixes.

    "" where they differ (a rename or copy, whose names follow on lines of their own) or cannot be told apart.
    """
    quoted = _QUOTED_FIRST.fullmatch(names) or _QUOTED_LAST.fullmatch(names)
    if quoted:
        old, new = quoted.groups()
    else:
        middle = len(names) // 2
        old, new = names[:middle], names[middle + 1 :]
        if names[middle : middle + 1] != b" ":
            return ""
    same = _without_prefixes(_unquoted(old), _unquoted(new))
    return _text(same) if same is not None else ""


def pair_of_names(minus: bytes, plus: bytes) -> tuple[str, str]:
    """The old and the new name of a `---` and a `+++` line; "" for a side that is not there."""
    old, new = _without_time(minus), _without_time(plus)
    if _NOWHERE in (old, new):
        return _existing(old), _existing(new)
    same = _without_prefixes(old, new)
    if same is not None:
        return _text(same), _text(same)
    if old[:2] in _PREFIXES and new[:2] in _PREFIXES:
        return _text(old[2:]), _text(new[2:])
    # `diff -u cart.py.orig cart.py`: two names for one file, of which the new one lives on.
    return _text(new), _text(new)


def _unquoted(name: bytes) -> bytes:
    if not (len(name) >= 2 and name[:1] == name[-1:] == b'"'):
        return name
    return _ESCAPE.sub(lambda found: bytes([_byte(found[1])]), name[1:-1])


def _byte(escape: bytes) -> int:
    return _ESCAPED[escape] if escape in _ESCAPED else int(escape, 8) & 0xFF


def _without_time(name: bytes) -> bytes:
    """Git ends a name that holds a space with a tab, `diff -u` adds a tab and the time of change."""
    if name.startswith(b'"'):
        return _unquoted(name.rpartition(b'"')[0] + b'"')
    return name.partition(b"\t")[0]


def _existing(name: bytes) -> str:
    if name == _NOWHERE:
        return ""
    return _text(name[2:] if name[:2] in _PREFIXES else name)


def _without_prefixes(old: bytes, new: bytes) -> bytes | None:
    """What two names share once their first folder (a/ and b/, or the two roots of `diff -r`) is taken away."""
    if old == new:
        return old
    old_root, slash, old_rest = old.partition(b"/")
    new_root, _, new_rest = new.partition(b"/")
    return old_rest if slash and old_rest == new_rest and old_root != new_root else None


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
