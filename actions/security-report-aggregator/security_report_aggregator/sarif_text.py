"""Texts and addresses of others for SARIF, where GitHub shows them: nothing in them is a link, a mention or HTML."""

from __future__ import annotations

import re
from urllib.parse import quote

from actionkit.markdown import BREAK
from actionkit.untrusted import one_line

# SARIF's own links (2.1.0, 3.11.6) and Markdown's have `](`, `][` or `]:`; the zero-width space breaks the word without
# showing, where a backslash would be read as text.
_ACTIVE = re.compile(r"@|<(?=[A-Za-z/!?])|\](?=[\[(:])|:(?=//)|#(?=\d)")
_WORDS = re.compile(r"(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)|(?<=GH)(?=-\d)", re.IGNORECASE)
_SIGNS = ("www.", "mailto:", "xmpp:", "gh-")
_WEB = re.compile(r"https?://[A-Za-z0-9\[][^\s\"<>\\^`{|}]*", re.IGNORECASE)
_SAFE = "/~@+,=()!$&'*;"
_DRIVE = re.compile(r"[A-Za-z]:")


def inert(text: str) -> str:
    """`text` on one line; control and direction characters are shown as U+FFFD, what would be active is broken."""
    plain = _ACTIVE.sub(rf"\g<0>{BREAK}", one_line(text))
    if "@" in plain:
        # Broken on both sides: after it a mention ends, before it an address.
        plain = plain.replace("@", f"{BREAK}@")
    small = plain.lower()
    # A search costs several times what this does, and few texts have any of them.
    return _WORDS.sub(BREAK, plain) if any(sign in small for sign in _SIGNS) else plain


def web_address(url: str) -> str:
    """`url` as http or https without credentials, "" for any other scheme and for what is no address."""
    address = url.strip()
    if not _WEB.fullmatch(address) or len(address) > 2000:
        return ""
    authority = address.split("/", 3)[2]
    if "@" in re.split(r"[?#]", authority, maxsplit=1)[0]:
        return ""
    return quote(address, safe="%:/?#[]@!$&'()*+,;=~-._", errors="replace")


def file_uri(path: str) -> str:
    """A path of the repository as a relative URI reference; "" for one that is absolute, climbs, or is empty."""
    plain = path.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain):
        return ""
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        return ""
    # A colon would make a scheme of the first part, so it is encoded like all that is not in the list.
    return quote("/".join(parts), safe=_SAFE, errors="replace")
