"""Take secrets out of text, in every spelling they travel in.

The text is searched as it stands and as it reads with one or two layers of encoding undone (percent, form, backslash,
HTML), each of them also for base64. Redact before escaping for Markdown, which adds characters of its own.
All of it takes time linear in the text, whatever the text.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

SHORTEST = 6
"""Characters. A shorter secret is not taken out: it would be found in ordinary words, and stars there tell it."""
STARS = "***"

QUOTED = 4096
"""Characters of a text that are looked at to quote its beginning."""

_PIECE = 256
"""Characters of a long secret that are a secret by themselves, so that one which is cut off is known all the same."""

_AHEAD = QUOTED
"""How far a piece may reach in any spelling: `%C3%A9` is one character."""

Redaction = Callable[[str], str]
"""Gives a text without the secrets in it: `text` of a `Redactor`, or `str` where there is none to hide."""

Span = tuple[int, int]

_USERINFO = re.compile(r"://[^\s/?#\"'<>]*@")
_URL = re.compile(r"\bhttps?://[^\s\"'<>`]*", re.IGNORECASE)
_AUTHORIZATION = re.compile(r"(authorization[\"']?\s*[:=]\s*[\"']?(?:basic|bearer|token)\s+)[^\s\"',]+", re.IGNORECASE)

_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")
_FORM = re.compile(rb"%([0-9a-fA-F]{2})|\+")
_BACKSLASH = re.compile(
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))",
    re.DOTALL,
)
_HTML = re.compile(rb"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_LINE_BREAK = re.compile(rb"[\r\n]+[ \t]*")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/=]*")
_STANDARD_BASE64 = bytes.maketrans(b"-_", b"+/")

_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_ENTITIES = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}


class Redactor:
    """Knows `secrets` and takes them out. `too_short` is how many of them were too short to be looked for."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known: set[str] = set()
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """From now on take these out too."""
        self._known |= {secret.strip() for secret in secrets} - {""}
        known = self._known
        self.too_short = sum(len(secret) < SHORTEST for secret in known)
        parts = {part for secret in known for part in _parts(secret) if len(part) >= SHORTEST}
        told = {text for part in parts for text in (part, *_decoded(part)) if len(text) >= SHORTEST}
        self._plain = sorted({_bytes(text) for part in told for text in (part, _misread(part))})
        # A dump of a whole text holds the secret as it is spelled in there.
        spelled = {*self._plain, *(_bytes(text) for part in parts for text in _spellings(part))}
        self._hex = [part.hex().encode() for part in spelled]
        self._base64 = [core for part in spelled for core in _base64_cores(part)]

    def text(self, text: str) -> str:
        """`text` without any secret, credentials in URLs, or value of an Authorization header."""
        shown = _AUTHORIZATION.sub(rf"\1{STARS}", _USERINFO.sub(f"://{STARS}@", text))
        if not self._plain:
            return shown
        data = _bytes(shown)
        # What is left after a secret is gone may close up into another; each round is shorter, so this ends.
        while spans := self._found(data):
            data = _starred(data, spans)
        return data.decode(errors="surrogatepass")

    def message(self, text: str) -> str:
        """The same for error messages and logs: URLs in it also lose their query and fragment."""
        return self.text(_URL.sub(lambda url: re.sub(r"[?#].*", f"?{STARS}", url[0], count=1, flags=re.DOTALL), text))

    def url(self, url: str) -> str:
        """One URL to show: no credentials, no query, no fragment, no secret in its path."""
        bare = re.split(r"[?#]", url, maxsplit=1)[0]
        return self.text(re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/]*@", r"\1//", bare))

    def _found(self, data: bytes) -> list[Span]:
        if len(data) < SHORTEST:
            return []
        small = data.lower()
        spans = [span for part in self._hex if part in small for span in _each(small, part)]
        for reading in _readings(_Reading(data)):
            spans += self._found_plain(reading)
            spans += self._found_base64(reading)
            if (unwrapped := reading.undone(_LINE_BREAK, lambda _: b"")) is not reading:
                spans += self._found_base64(unwrapped)
        return spans

    def _found_plain(self, reading: _Reading) -> Iterator[Span]:
        for part in self._plain:
            if part in reading.data:
                yield from (reading.span(*span) for span in _each(reading.data, part))

    def _found_base64(self, reading: _Reading) -> Iterator[Span]:
        letters = reading.data.translate(_STANDARD_BASE64)
        for core in self._base64:
            if core in letters:
                yield from (reading.span(*span) for span in _each_run(letters, core))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text with some encoding undone. Each undone unit adds two points: where it starts and ends, here and before."""

    data: bytes
    here: Sequence[int] = (0,)
    before: Sequence[int] = (0,)
    source: _Reading | None = None

    def undone(self, unit: re.Pattern[bytes], decode: Callable[[re.Match[bytes]], bytes]) -> _Reading:
        if not unit.search(self.data):
            return self
        made, here, before, done = bytearray(), [0], [0], 0
        for found in unit.finditer(self.data):
            made += self.data[done : found.start()]
            here.append(len(made))
            made += decode(found)
            here.append(len(made))
            before += found.span()
            done = found.end()
        return _Reading(bytes(made + self.data[done:]), here, before, self)

    def span(self, start: int, end: int) -> Span:
        """Where a span of this reading is in the text as it was; units are taken whole."""
        if self.source is None:
            return start, end
        first, last = bisect_right(self.here, start) - 1, bisect_right(self.here, end) - 1
        # Odd points are starts of units: past one means inside the unit.
        low = self.before[first] + (0 if first % 2 else start - self.here[first])
        inside = last % 2 and end > self.here[last]
        high = self.before[last + 1] if inside else self.before[last] + end - self.here[last]
        return self.source.span(low, high)


def _readings(plain: _Reading) -> Iterator[_Reading]:
    """The text itself and what it reads with one layer of encoding undone, and two."""
    seen = {plain.data}
    layer = [plain]
    yield plain
    for _ in range(2):
        below = [reading.undone(unit, decode) for reading in layer for unit, decode in _ENCODINGS]
        layer = []
        for reading in below:
            if reading.data not in seen:
                seen.add(reading.data)
                layer.append(reading)
                yield reading


def _from_percent(unit: re.Match[bytes]) -> bytes:
    return bytes([int(unit[1], 16)]) if unit[1] else b" "


def _from_backslash(unit: re.Match[bytes]) -> bytes:
    high, low, code, byte, letter = unit.groups()
    if high:
        return _bytes(chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF)))
    if code or byte:
        return _bytes(chr(int(code or byte, 16)))
    return _CONTROLS.get(letter, letter)


def _from_html(unit: re.Match[bytes]) -> bytes:
    decimal, hexadecimal, name = unit.groups()
    if name:
        return _ENTITIES[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return _bytes(chr(code)) if code <= 0x10FFFF else unit[0]


_ENCODINGS = (
    (_PERCENT, _from_percent),
    (_FORM, _from_percent),
    (_BACKSLASH, _from_backslash),
    (_HTML, _from_html),
)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _decoded(text: str) -> Iterator[str]:
    """The text as a server tells it that was sent it in a URL or form as it is, and read `+` and `%41` in it."""
    if "+" in text or "%" in text:
        from urllib.parse import unquote, unquote_plus

        yield from (unquote(text), unquote_plus(text))


def _misread(text: str) -> str:
    """The text as a server tells it that reads UTF-8 in a header as Latin-1."""
    return _bytes(text).decode("latin-1")


def beginning(text: str, redacted: Redaction) -> str:
    """The first QUOTED characters of `text` behind `redacted`, and no half of a secret that is cut off there.

    Where two cuts differ a secret was cut by the shorter one: what is before that is the same in both.
    """
    if len(text) <= QUOTED:
        return redacted(text)
    shorter, longer = redacted(text[:QUOTED]), redacted(text[: QUOTED + _AHEAD])
    differ = (at for at, (one, other) in enumerate(zip(shorter, longer, strict=False)) if one != other)
    return shorter[: next(differ, min(len(shorter), len(longer)))]


def _parts(secret: str) -> Iterator[str]:
    """What to look for: the whole, each line of it, of a long one each piece, and of a URL its credentials and what
    follows the host."""
    yield secret
    if len(secret) > _PIECE:
        yield from (secret[at : at + _PIECE] for at in range(0, len(secret) - _PIECE, _PIECE))
        yield secret[-_PIECE:]
    yield from (line.strip() for line in secret.splitlines())
    if "://" in secret:
        from urllib.parse import unquote, urlsplit

        try:
            url = urlsplit(secret)
        except ValueError:
            return
        for part in (url.username, url.password, url.path.rstrip("/"), url.query):
            yield from (part or "", unquote(part or ""))


def _spellings(part: str) -> Iterator[str]:
    """As it stands in a URL, a form, JSON and HTML; most secrets stand there as they are."""
    if part.isascii() and part.replace("-", "").replace("_", "").isalnum():
        return
    import html
    import json
    from urllib.parse import quote, quote_plus

    for safe in ("", "/", "/:?@!$&'()*+,;=[]~"):
        yield quote(part, safe, errors="surrogatepass")
    yield quote_plus(part, errors="surrogatepass")
    for ascii_only in (True, False):
        yield json.dumps(part, ensure_ascii=ascii_only)[1:-1]
    yield html.escape(part)


def _base64_cores(secret: bytes) -> Iterator[bytes]:
    """The letters that base64 of any text with `secret` in it must contain, for each of the three alignments.

    Six bits a letter (RFC 4648, section 4): those that also carry bits of what stands before or after are left off.
    """
    for before in range(3):
        encoded = b2a_base64(b"\0" * before + secret, newline=False)
        yield encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]


def _each(data: bytes, part: bytes) -> Iterator[Span]:
    at = data.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = data.find(part, at + 1)


def _each_run(data: bytes, core: bytes) -> Iterator[Span]:
    """The whole base64 text around each core: its edges still carry bits of the secret."""
    at, done = data.find(core), 0
    while at >= 0:
        run = _BASE64_RUN.match(data, at)
        end = run.end() if run else at
        start = at
        while start > done and _BASE64_RUN.fullmatch(data, start - 1, start):
            start -= 1
        yield start, end
        done = end
        at = data.find(core, end)


def _starred(data: bytes, spans: Sequence[Span]) -> bytes:
    made, done = bytearray(), -1
    for start, end in sorted(spans):
        if start > done:
            made += data[max(done, 0) : start] + STARS.encode()
        done = max(done, end)
    return bytes(made + data[done:])
