"""The files through which an action hands outputs, state and its summary to the runner."""

from __future__ import annotations

import os
import re
from pathlib import Path

from actionkit import markdown

SUMMARY_LIMIT = 1024 * 1024 - 1024
"""Bytes. The runner drops a step's summary that is larger than 1 MiB, whole."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def set_value(file: str | None, name: str, value: str) -> bool:
    """Append `name` and `value` to the file GITHUB_OUTPUT or GITHUB_STATE names.

    The value stands between delimiters made up for it, so no line of it can end it or start another output. False if
    there is no such file (outside GitHub Actions). Raises ValueError for a name the runner would not accept.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of an output")
    if not file:
        return False
    from actions_toolkit.file_command import prepare_key_value_message

    return _append(file, f"{prepare_key_value_message(name, _written(value))}\n")


def add_summary(file: str | None, body: str, pointer: str) -> bool:
    """Append Markdown to the file GITHUB_STEP_SUMMARY names, cut to what fits and then ended by `pointer`.

    False if there is no such file, or no room left in it.
    """
    if not file:
        return False
    try:
        used = Path(file).stat().st_size
    except OSError:
        used = 0
    room = SUMMARY_LIMIT - used - 1
    if room <= markdown.in_bytes(pointer) + 2:
        return False
    return _append(file, markdown.cut(_written(body), room, pointer, size=markdown.in_bytes).rstrip("\n") + "\n")


def _written(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)


def _append(file: str, text: str) -> bool:
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        data = memoryview(text.encode())
        # One write for all but the largest texts: another process appending meanwhile cannot cut an entry in two.
        while data:
            data = data[os.write(handle, data) :]
    finally:
        os.close(handle)
    return True
