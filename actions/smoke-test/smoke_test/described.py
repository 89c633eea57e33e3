"""Which of the bodies that an OpenAPI document describes an answer has. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from actionkit.web.model import Answer
from smoke_test.model import Bodies, Step

WITHOUT_BODY = (204, 205, 304)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is said of an answer's body: the path of the `schema` that it must match, "" for none. `others` are the
    bodies that are described for its status, where its media type is none of theirs."""

    schema: str = ""
    others: Bodies | None = None


def expected_body(step: Step, answer: Answer) -> Expected:
    """What the step's OpenAPI document says of the body of `answer`; nothing where it has none."""
    bodies = _bodies(step, answer)
    if bodies is None:
        return Expected()
    schema = _schema(bodies, answer)
    return Expected(others=bodies) if schema is None else Expected(schema)


def _bodies(step: Step, answer: Answer) -> Bodies | None:
    if answer.status in WITHOUT_BODY:
        return None
    found = next((one for one in step.bodies if answer.status in one.statuses), None)
    return found if found is not None and found.media else None


def _schema(bodies: Bodies, answer: Answer) -> str | None:
    """The schema of the answer's media type, "" where its body may be anything, None where that type is not there.

    JSON is JSON under whatever name; who names no media type at all is taken at the first that is JSON.
    """
    kind = media_type(answer.header("Content-Type") or "")
    if not kind:
        return next((schema for media, schema in bodies.media if is_json(media)), "")
    schemas = {media_type(media): schema for media, schema in reversed(bodies.media)}
    alike = [media for media in schemas if is_json(kind) and is_json(media)]
    for media in (kind, *alike, f"{kind.partition('/')[0]}/*", "*/*"):
        if media in schemas:
            return schemas[media] if is_json(kind) else ""
    return None


def media_type(written: str) -> str:
    """Type and subtype in lower case, without parameters."""
    return written.partition(";")[0].strip().lower()


def is_json(media: str) -> bool:
    """Whether bodies of a media type are JSON (RFC 6839, section 3.1)."""
    kind = media_type(media)
    return kind in ("application/json", "text/json") or kind.endswith("+json")
