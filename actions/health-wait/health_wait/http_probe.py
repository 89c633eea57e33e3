"""An HTTP answer held against what is expected of it. Pure: the client has fetched it."""

from __future__ import annotations

import re
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from actionkit.redact import Redaction, beginning
from actionkit.untrusted import one_line
from actionkit.web.model import Answer, Phase
from health_wait.model import Expectation
from health_wait.observation import Observation, quoted, told, wrong
from health_wait.phrases import LONGEST_VERSION

_LOGIN = re.compile(r"log-?[io]n|sign-?in|sso|oauth|saml|openid|authorize", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,200})", re.IGNORECASE)
_HEAD_OF_PAGE = 20_000
_COMMIT = re.compile(r"[0-9a-f]{7,64}", re.ASCII | re.IGNORECASE)
_WHOLE_COMMIT = 40


def judge(answer: Answer, expectation: Expectation, now: datetime, redacted: Redaction = str) -> Observation:
    """Status, body, asserts and version in this order; the first that is not as expected is the reason.

    `serving` is True where only the version is wrong. `redacted` takes secrets out of what is quoted.
    """
    why_not = _not_serving(answer, expectation, now, redacted)
    if why_not:
        return wrong(why_not, address=answer.address, status=answer.status)
    version, why_not = _version(answer, expectation, now, redacted)
    return Observation(
        ok=not why_not,
        serving=True,
        phase=Phase.RECEIVE if why_not else None,
        reason=why_not,
        version=version,
        status=answer.status,
        address=answer.address,
    )


def same_version(expected: str, found: str) -> bool:
    """Equal, but for a `v` before a digit; or one of them abbreviates the other's commit, to 7 digits or more.

    Decimal digits alone are a date or the number of a build, of which none abbreviates another.
    """
    one, other = _bare(expected), _bare(found)
    if one == other:
        return True
    if not (_COMMIT.fullmatch(one) and _COMMIT.fullmatch(other)):
        return False
    short, long = sorted((one.lower(), other.lower()), key=len)
    return long.startswith(short) and (not long.isdecimal() or len(long) >= _WHOLE_COMMIT)


def _bare(version: str) -> str:
    return re.sub(r"\A[vV](?=[0-9])", "", version.strip())


def _not_serving(answer: Answer, expectation: Expectation, now: datetime, redacted: Redaction) -> str:
    if answer.status not in expectation.status:
        return f"answers {_status(answer)}, not {expectation.status}{_where_to(answer, redacted)}"
    if expectation.body and not _found(expectation.body, answer):
        pattern = quoted(expectation.body, 80, redacted)
        return f"answers {_status(answer)}, but `{pattern}` is not found in the body{_looks_like(answer, redacted)}"
    if expectation.asserts:
        from actionkit.asserts import Subject

        subject = Subject(answer, now, redacted)
        for one in expectation.asserts:
            if not (checked := one.check(subject)).ok:
                return f"answers {_status(answer)}, but {checked.message}{_looks_like(answer, redacted)}"
    return ""


def _found(pattern: str, answer: Answer) -> bool:
    from actionkit.asserts import body
    from actionkit.asserts.patterns import regex

    return regex(pattern).found(body.text(answer))


def _version(answer: Answer, expectation: Expectation, now: datetime, redacted: Redaction) -> tuple[str | None, str]:
    """The version that answered, and why it is not the one expected ("" if it is)."""
    if not expectation.version or expectation.version_from is None:
        return None, ""
    from actionkit.asserts import NothingFound, Subject

    source = expectation.version_from
    try:
        found = source.value(Subject(answer, now, redacted))
        if found is None or isinstance(found, bool | list | dict):
            raise NothingFound("finds something that is no version")
    except NothingFound as error:
        where = quoted(source.text, 80, redacted)
        said = f"answers {_status(answer)}, but states no version: `{where}` {error.reason}"
        return None, said + _looks_like(answer, redacted)
    stated = _as_written(found)
    version = quoted(stated, LONGEST_VERSION, redacted)
    if same_version(expectation.version, one_line(stated)):
        return version, ""
    return version, f"serves version {told(version)}, not {told(expectation.version, redacted)}"


def _as_written(version: object) -> str:
    """A number of JSON's keeps its last zero: 1.10 is another version than 1.1."""
    from actionkit.asserts.kinds import Real

    return str(version.exact) if isinstance(version, Real) else str(version)


def _status(answer: Answer) -> str:
    """`502 Bad Gateway`: the standard's phrase, not the server's."""
    try:
        return f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        return str(answer.status)


def _looks_like(answer: Answer, redacted: Redaction) -> str:
    """What explains an answer that holds something else: a redirect, or a page for people."""
    if to := _where_to(answer, redacted):
        return to
    if "html" not in (answer.header("Content-Type") or "").lower():
        return ""
    page = answer.body[:_HEAD_OF_PAGE].decode("utf-8", "replace")
    # Redacted before the title is taken out of it: a secret may hold the `<` that ends a title.
    title = _TITLE.search(beginning(page[start.start() :], redacted)) if (start := _TITLE.search(page)) else None
    shown = f" titled {told(quoted(title[1], 60, redacted))}" if title and title[1].strip() else ""
    login = ", which looks like a login" if title and _LOGIN.search("".join(title[1].split())) else ""
    return f"; the answer is an HTML page{shown}{login}"


def _where_to(answer: Answer, redacted: Redaction) -> str:
    location = redacted(answer.header("Location") or "")  # before a `?` in a secret cuts it in half
    if not 300 <= answer.status < 400 or not location:
        return ""
    try:
        url = urlsplit(urljoin(answer.url, location))
        host = url.netloc.rpartition("@")[2]
    except ValueError:
        return "; it redirects to something that is no URL"
    login = ", which looks like a login" if _LOGIN.search(f"{host}{url.path}") else ""
    return f"; it redirects to {told(f'{url.scheme}://{host}{url.path}')}{login}, and redirects are not followed"
