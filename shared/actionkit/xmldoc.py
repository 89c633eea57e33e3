"""Safe XML that nobody vouches for: one pass, no tree, no entity, nothing fetched.

`parse` drives defusedxml's expat parser and hands elements to a table of actions, so memory does not grow with the
report. `root_of` looks at the first bytes only, for telling formats apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from actionkit.errors import Unreadable

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

Attributes = dict[str, str]


class Malformed(Exception):  # noqa: N818 - becomes an Unreadable that knows file and line
    """The report says something its format does not allow; the text is the reason."""


class Root(NamedTuple):
    """The root element of a report as far as its first bytes show it.

    `prolog` is the text before it (declaration, comments, DOCTYPE), `attributes` the raw text of the start tag, `child`
    the name of the first element inside ("" if the head shows none). Names have no namespace prefix.
    """

    name: str
    attributes: str
    child: str
    prolog: str


@dataclass(frozen=True, slots=True)
class Elements:
    """What to do with the elements of a format.

    `opens` gets the attributes when an element starts, `closes` runs when it ends, `texts` gets the text of an element
    when it ends. Keys are names without namespace. Actions raise Malformed.
    """

    root: str
    opens: Mapping[str, Callable[[Attributes], None]]
    closes: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    texts: Mapping[str, Callable[[str], None]] = field(default_factory=dict)
    comment: Callable[[str], None] | None = None


# The groups are atomic: a head full of comments that leads nowhere must not be tried in every split.
_MISC = r"(?:\s++|<\?(?>.*?\?>)|<!--(?>.*?-->)|<!DOCTYPE(?>[^<>\[]*)(?:\[(?>.*?\])\s*+)?>)*+"
_ROOT = re.compile(rf"({_MISC})<(?:[\w.-]+:)?([\w.-]+)([^<>]*+)>?", re.DOTALL)
_WHOLE = re.compile(r"([+-]?[0-9]{1,20})(?:\.0*)?")
_CHILD = re.compile(rf"{_MISC}<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)


def root_of(head: bytes) -> Root | None:
    """The root element in the first bytes of a file, or None if they do not start like XML. Never raises."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        text = head.decode("utf-16", "ignore")
    elif head[:2] == b"<\0":
        text = head.decode("utf-16-le", "ignore")
    elif head[:2] == b"\0<":
        text = head.decode("utf-16-be", "ignore")
    else:
        text = head.decode("latin-1")
    root = _ROOT.match(text)
    if root is None:
        return None
    child = _CHILD.match(text, root.end())
    return Root(root[2], root[3], child[1] if child else "", root[1])


def whole(attributes: Mapping[str, str], key: str, element: str) -> int:
    """The attribute as a whole number; "12.0" is one. Raises Malformed if it is missing or no such number."""
    text = attributes.get(key)
    if text is None:
        raise Malformed(f"a <{element}> has no `{key}`")
    number = whole_or_none(text)
    if number is None:
        raise Malformed(f'<{element} {key}="{text[:40]}"> is no whole number')
    return number


def whole_or_none(text: str) -> int | None:
    """`text` as a whole number ("12", "12.0", "-1"), or None."""
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    found = _WHOLE.fullmatch(text)
    return int(found[1]) if found else None


class _NoTree:
    def close(self) -> None:
        """Called by the parser at the end of the document, where a tree builder would give its root."""


def parse(name: str, data: bytes, elements: Elements) -> None:
    """Run `elements` over an XML document in any encoding expat knows (UTF-8, UTF-16, one-byte code pages).

    A DOCTYPE is accepted and its DTD never fetched. Raises Unreadable with the line for what is malformed, cut off,
    declares an entity, has another root or makes an action raise Malformed.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    shell = DefusedXMLParser(target=_NoTree())
    _Dispatch(shell.parser, elements)
    try:
        shell.feed(data)
        shell.close()
    except ParseError as error:
        raise Unreadable(name, _reason(error, elements.root), error.position[0]) from error
    except DefusedXmlException as error:
        reason = "declares an XML entity; a report has none, so it is not read"
        raise Unreadable(name, reason, shell.parser.CurrentLineNumber) from error
    except Malformed as error:
        raise Unreadable(name, str(error), shell.parser.CurrentLineNumber) from error
    except (LookupError, ValueError) as error:
        raise Unreadable(name, "is in an encoding that cannot be read; write it as UTF-8", 1) from error


def _reason(error: SyntaxError, root: str) -> str:
    from xml.parsers.expat import errors

    cut = {errors.XML_ERROR_NO_ELEMENTS, errors.XML_ERROR_UNCLOSED_TOKEN, errors.XML_ERROR_PARTIAL_CHAR}
    cut.add(errors.XML_ERROR_UNCLOSED_CDATA_SECTION)
    if getattr(error, "code", 0) in {errors.codes[text] for text in cut}:
        return f"ends before </{root}>: the tool that wrote it did not finish, or the file was cut"
    return f"is not well-formed XML: {error.msg}"


class _Dispatch:
    """Puts actions on the expat parser itself; a parser target would cost three times as much per element."""

    def __init__(self, parser: XMLParserType, elements: Elements) -> None:
        self._parser = parser
        self._root = elements.root
        self._opens = {**elements.opens, **dict.fromkeys(elements.texts, self._hold)}
        self._closes = {**elements.closes, **{name: self._release(act) for name, act in elements.texts.items()}}
        self._held: list[str] = []
        parser.ordered_attributes = False
        parser.buffer_text = True
        parser.DefaultHandlerExpand = None
        parser.StartElementHandler = self._first
        parser.EndElementHandler = self._end
        parser.CommentHandler = elements.comment
        parser.SkippedEntityHandler = self._unknown_entity

    def _first(self, tag: str, attributes: Attributes) -> None:
        local = tag[tag.find("}") + 1 :]
        if local != self._root:
            raise Malformed(f"has the root element <{local[:40]}>, not <{self._root}>")
        self._parser.StartElementHandler = self._start
        self._start(tag, attributes)

    def _start(self, tag: str, attributes: Attributes) -> None:
        act = self._opens.get(tag) or self._opens.get(tag[tag.find("}") + 1 :])
        if act is not None:
            act(attributes)

    def _end(self, tag: str) -> None:
        act = self._closes.get(tag) or self._closes.get(tag[tag.find("}") + 1 :])
        if act is not None:
            act()

    def _hold(self, _attributes: Attributes) -> None:
        self._held.clear()
        self._parser.CharacterDataHandler = self._held.append

    def _release(self, action: Callable[[str], None]) -> Callable[[], None]:
        def close() -> None:
            self._parser.CharacterDataHandler = None
            action("".join(self._held))

        return close

    def _unknown_entity(self, entity: str, _is_parameter: bool) -> None:
        raise Malformed(f"refers to the entity &{entity[:40]};, which only a DTD could define")
