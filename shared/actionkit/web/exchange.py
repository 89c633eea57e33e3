"""One request and its answer over one line. http.client does the framing, this module watches how it goes."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from actionkit.web import symptoms
from actionkit.web.deadline import Deadline
from actionkit.web.decode import Decoder, Undecodable, coding_of
from actionkit.web.failure import Failure
from actionkit.web.line import Line
from actionkit.web.model import Cause, Phase
from actionkit.web.wire import Wire

_STEP = 64 * 1024
_VERSIONS = {10: "HTTP/1.0", 11: "HTTP/1.1"}
_INTERIM = {*range(100, 200)} - {101}  # RFC 9110, 15.2; http.client itself skips 100 only


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `send`, `wait` and `receive` are seconds; `reusable` says that the line may be used again."""

    status: int
    reason: str
    version: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    encoded_bytes: int
    send: float
    wait: float
    receive: float
    reusable: bool


class Exchange:
    """The state of one exchange. Make one, then `run` it once."""

    def __init__(self, line: Line, wire: Wire, deadline: Deadline, max_bytes: int) -> None:
        self._line, self._wire, self._deadline, self._max_bytes = line, wire, deadline, max_bytes
        self.begun = self.sent = 0.0
        self._seen = symptoms.Seen()

    def run(self) -> Reply:
        """Send and read to the end. Raises Failure; the line is good for nothing then."""
        self.begun = monotonic()
        self._line.expect(self._deadline)
        broken: OSError | None = None
        try:
            self._send()
            self._seen.asked = True
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            broken = error  # a server may say why before it has read everything, and hang up
        except OSError as error:
            raise self._failure(error) from None
        self.sent = monotonic()
        try:
            return self._receive()
        except Failure:
            raise
        except Exception as error:  # whatever http.client makes of garbage is told as a failure
            raise self._failure(error if isinstance(error, ssl.SSLError) else broken or error) from None

    def _send(self) -> None:
        connection = http.client.HTTPConnection("unused")
        connection.sock = self._line
        connection.putrequest(self._wire.method, self._wire.target, skip_host=True, skip_accept_encoding=True)
        for name, value in self._wire.headers:
            connection.putheader(name, value)
        connection.endheaders(self._wire.body)

    def _receive(self) -> Reply:
        with self._begin() as response:
            headers = _headers(response)
            body = b"" if self._bodiless(response) else self._body(response)
        send, wait, receive = self._spent()
        reader = self._line.reader
        return Reply(
            status=response.status,
            reason=response.reason,
            version=_VERSIONS[response.version],
            headers=headers,
            body=body,
            encoded_bytes=self._seen.encoded,
            send=send,
            wait=wait,
            receive=receive,
            reusable=not (response.will_close or reader.ended or response.status == 101 or not self._seen.asked)
            and not self._line.unread(),
        )

    def _begin(self) -> http.client.HTTPResponse:
        """The answer as far as its headers. Closed where this fails, or it would complain when it is collected."""
        while True:
            response = http.client.HTTPResponse(self._line, method=self._wire.method)  # type: ignore[arg-type]
            try:
                response.begin()
                if self._line.reader.ended:
                    raise symptoms.HeadersCutOff
            except BaseException:
                response.close()
                raise
            if response.status not in _INTERIM:
                self._seen.status = response.status
                self._line.end_head()
                return response
            response.close()

    def _bodiless(self, response: http.client.HTTPResponse) -> bool:
        """RFC 9112, 6.3: no body, whatever the headers say."""
        return self._wire.method == "HEAD" or response.status in (204, 304) or response.status < 200

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        seen = self._seen
        coding = _checked_framing(response)
        seen.expected = response.length
        if not coding and (seen.expected or 0) > self._max_bytes:
            raise self._too_large()
        decoder = Decoder(coding) if coding else None
        pieces: list[bytes] = []
        for data in self._pieces(response):
            if decoder is None:
                self._take(data, pieces)
            else:
                for piece in decoder.feed(data):
                    self._take(piece, pieces)
                    self._deadline.left()
        if decoder is not None:
            decoder.finish()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _pieces(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        """The encoded body as it comes, at most 64 KiB at once."""
        seen = self._seen
        while seen.expected is None or seen.encoded < seen.expected:
            data = response.read1(_STEP)
            if not data:
                break
            seen.encoded += len(data)
            yield data
        if response.chunked and self._line.reader.ended:  # behind the last chunk, http.client takes that for the end
            raise http.client.IncompleteRead(b"")
        if (seen.expected or 0) > seen.encoded or self._line.reader.ragged:
            raise symptoms.BodyCutOff

    def _take(self, piece: bytes, pieces: list[bytes]) -> None:
        self._seen.received += len(piece)
        if self._seen.received > self._max_bytes:
            self._seen.received = self._max_bytes
            raise self._too_large()
        pieces.append(piece)

    def _too_large(self) -> Failure:
        detail = f"sends a body of more than {self._max_bytes} bytes"
        if self._seen.expected is not None and self._seen.expected > self._max_bytes:
            detail += f" (it announces {self._seen.expected})"
        seen = self._seen
        failure = Failure(Phase.RECEIVE, Cause.TOO_LARGE, detail, status=seen.status, received=seen.received)
        failure.spent = self._spent()
        return failure

    def _failure(self, error: Exception) -> Failure:
        self._seen.ended = self._line.reader.ended
        failure = symptoms.told(error, self._seen, self._line.reader.head, self._deadline.seconds)
        failure.spent = self._spent()
        return failure

    def _spent(self) -> tuple[float, float, float]:
        """Seconds of sending, waiting and receiving up to now."""
        now = monotonic()
        sent = self.sent or now
        first = max(self._line.reader.first_byte or now, sent)
        return sent - self.begun, first - sent, now - first


def _headers(response: http.client.HTTPResponse) -> tuple[tuple[str, str], ...]:
    """The header lines in order, folded ones joined. Raises HTTPException where a line was no header: email's parser
    takes it, and all that follow, for a body."""
    message = response.headers
    if message.defects and any(type(defect) in symptoms.BROKEN_HEADERS for defect in message.defects):
        raise http.client.HTTPException("header")
    return tuple((name, " ".join(value.split()) if "\n" in value else value.strip()) for name, value in message.items())


def _checked_framing(response: http.client.HTTPResponse) -> str:
    """The content coding. Raises Undecodable for a transfer coding or a length that http.client passes over."""
    headers = response.headers
    named = {word.strip().lower() for line in headers.get_all("transfer-encoding") or () for word in line.split(",")}
    if named - {"", "identity", "chunked"}:
        raise Undecodable("comes in a Transfer-Encoding other than chunked")
    if "chunked" in named and not response.chunked:  # http.client knows it without blanks, in the first line only
        response.chunked, response.chunk_left, response.length = True, None, None
    if not response.chunked:
        lengths = {length.strip() for length in headers.get_all("content-length") or ()}
        if not all(length.isascii() and length.isdigit() for length in lengths):
            raise Undecodable("comes with a Content-Length that is no number")
        if len(lengths) > 1:  # RFC 9112, 6.3: nobody knows where this body ends
            raise Undecodable("comes with two values of Content-Length")
    return coding_of(headers.get_all("content-encoding") or ())
