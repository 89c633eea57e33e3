"""From a step to the request that is sent: templates filled, URL joined, body encoded. Pure but for files' bytes.

URLs: a path is put below the whole `base_url`, its own path included (`https://host/app` and `/x` make
`https://host/app/x`), as when `{{base_url}}/x` is written out. A variable's value goes into a URL as it is, slashes
too, so that a captured path or link can be followed; only its `#` is encoded, which would silently cut off the rest.
The client encodes what no URL may hold (blanks, letters beyond ASCII). Values in `params` are encoded whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from actionkit.asserts import kinds, template
from actionkit.errors import ActionkitError
from actionkit.web.model import Request
from smoke_test.model import Auth, Body, Step

Variables = Mapping[str, Any]
ReadFile = Callable[[str], bytes]
Pairs = Iterable[tuple[str, str]]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)


class Unsendable(ActionkitError):  # noqa: N818 - reads as the sentence it stands for
    """A step makes no request; str() says why in one line, without the value of any variable."""


def request(step: Step, base_url: str, variables: Variables, read_file: ReadFile) -> Request:
    """The request of `step`, but for `auth` and the cookies of the jar. `base_url` is filled already. A step's own
    headers replace the general ones of the same name, and both what the body implies.

    Raises Unset for a variable that is not set, Unreadable for a file, Unsendable for what makes no request.
    """
    send = step.send
    try:
        url = joined(base_url, send.url, send.params, variables)
        body, content_type = _body(send.body, variables, read_file)
        own = _filled(send.headers, variables)
        general = _absent(_filled(step.options.headers, variables), own)
        cookies = "; ".join(f"{name}={value}" for name, value in _filled(send.cookies, variables))
    except RecursionError:
        raise Unsendable("its body is nested too deeply") from None
    except ValueError:  # lone surrogates, NaN, a host that is none; what they say may quote a secret
        raise Unsendable("its URL or its body cannot be encoded: no text, no JSON number or no host") from None
    implied = _absent([("Content-Type", content_type)] if content_type else [], [*own, *general])
    given = [("Cookie", cookies)] if cookies else []
    return Request(send.method, url, (*implied, *general, *own, *given), body)


def names(step: Step) -> frozenset[str]:
    """Every variable that a step needs, to be sent and to be judged."""
    send, auth = step.send, step.send.auth or Auth("bearer")
    pairs = [*send.params, *send.headers, *send.cookies, *step.options.headers, *step.headers]
    texts = [send.url, auth.user, auth.password, auth.token, *(text for pair in pairs for text in pair)]
    if send.body is not None and send.body.kind != "file":
        texts += _texts(send.body.value)
    found = {name for text in texts for name in template.names(text)}
    found.update(*(line.variables for line in (*step.asserts, *step.options.fail_when)))
    found.update(*(capture.variables for _, capture in step.captures))
    return frozenset(found)


def joined(base_url: str, url: str, params: Pairs, variables: Variables) -> str:
    """The absolute URL that is asked for, without a fragment. Raises Unset, Unsendable, ValueError."""
    whole = _in_url(url, variables)
    if not _ABSOLUTE.match(whole):
        if not base_url:
            raise Unsendable(f"`{url}` is a path, and there is no base URL to put it below")
        whole = f"{base_url.rstrip('/')}/{whole.lstrip('/')}"
    if _CONTROL.search(whole):
        raise Unsendable("its URL holds a control character such as a line break; a variable brought it in")
    parts = urlsplit(whole)
    query = "&".join(part for part in (parts.query, urlencode(_filled(params, variables), quote_via=quote)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def _in_url(url: str, variables: Variables) -> str:
    if not url.startswith("{{"):  # a variable at the start is a whole link, and the fragment is its own
        variables = {
            name: value.replace("#", "%23") if isinstance(value, str) else value for name, value in variables.items()
        }
    return template.fill(url, variables).strip()


def _filled(pairs: Pairs, variables: Variables) -> list[tuple[str, str]]:
    return [(template.fill(name, variables), template.fill(value, variables)) for name, value in pairs]


def _absent(pairs: Pairs, others: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those whose name is not among `others`, whatever the case."""
    taken = {name.lower() for name, _ in others}
    return [(name, value) for name, value in pairs if name.lower() not in taken]


def _body(body: Body | None, variables: Variables, read_file: ReadFile) -> tuple[bytes | None, str]:
    """The bytes and the Content-Type that goes with them, "" where the kind implies none (as in Hurl)."""
    if body is None:
        return None, ""
    if body.kind == "json":
        filled = template.fill_json(body.value, variables)
        return json.dumps(filled, ensure_ascii=False, allow_nan=False, default=kinds.text).encode(), "application/json"
    if body.kind == "form":
        return urlencode(_filled(body.value, variables)).encode(), "application/x-www-form-urlencoded"
    if body.kind == "multipart":
        return _multipart(body.value, variables, read_file)
    if body.kind == "file":
        return read_file(body.value), ""
    return template.fill(body.value, variables).encode(), ""


def _multipart(pairs: Pairs, variables: Variables, read_file: ReadFile) -> tuple[bytes, str]:
    from mimetypes import guess_type

    from urllib3 import encode_multipart_formdata

    fields: list[tuple[str, Any]] = []
    for name, value in pairs:
        # Only what the plan itself says is a path: no variable, let alone a captured one, chooses a file.
        if value.startswith("@"):
            path = value[1:]
            kind = guess_type(path)[0] or "application/octet-stream"
            fields.append((template.fill(name, variables), (path.rpartition("/")[2], read_file(path), kind)))
        else:
            fields.append((template.fill(name, variables), template.fill(value, variables)))
    return encode_multipart_formdata(fields)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys included, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, Sequence):
            waiting += one
