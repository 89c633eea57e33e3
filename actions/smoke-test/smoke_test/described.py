"""Which of the bodies that an OpenAPI document describes an answer has. Pure."""

from __future__ import annotations

from actionkit.web.model import Answer
from smoke_test.model import Bodies, Step

WITHOUT_BODY = (204, 205, 304)


def bodies_of(step: Step, answer: Answer) -> Bodies | None:
    """What is described for the answer's status; None where nothing is said of its body."""
    if answer.status in WITHOUT_BODY:
        return None
    found = next((one for one in step.bodies if answer.status in one.statuses), None)
    return found if found is not None and found.media else None


def schema_of(bodies: Bodies, answer: Answer) -> str | None:
    """The path of the schema that the body must match, "" where it may be anything, None for a media type that is not
    described. JSON is JSON under whatever name; who names no media type at all is taken at the first that is JSON."""
    kind = media_type(answer.header("Content-Type") or "")
    if not kind:
        return next((schema for media, schema in bodies.media if is_json(media)), "")
    described = {media_type(media): schema for media, schema in reversed(bodies.media)}
    alike = [media for media in described if is_json(kind) and is_json(media)]
    for media in (kind, *alike, f"{kind.partition('/')[0]}/*", "*/*"):
        if media in described:
            return described[media] if is_json(kind) else ""
    return None


def media_type(written: str) -> str:
    """Type and subtype in lower case, without parameters."""
    return written.partition(";")[0].strip().lower()


def is_json(media: str) -> bool:
    """Whether bodies of a media type are JSON (RFC 6839, section 3.1)."""
    kind = media_type(media)
    return kind in ("application/json", "text/json") or kind.endswith("+json")
