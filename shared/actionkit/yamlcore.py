"""YAML read as version 1.2's core schema has it, with the line of every value and without the surprises of 1.1.

PyYAML scans and parses; only what it would make of the nodes (`on` a boolean, `1:30` the number 90, the last of two
equal keys the winner, an object for a tag) is replaced. https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from actionkit.untrusted import one_line, shortened

if TYPE_CHECKING:
    from yaml import Loader, MappingNode, Node, ScalarNode, YAMLError

NODES = 20_000
"""Values in a file, each alias counted with all it stands for: nine lines of aliases can stand for billions."""
DEPTH = 50

_TAG = "tag:yaml.org,2002:"
_CORE = {
    "null": (re.compile(r"~|null|Null|NULL|"), ["~", "n", "N", ""]),
    "bool": (re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF")),
    "int": (re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"), list("-+0123456789")),
    "float": (
        re.compile(
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
        ),
        list("-+.0123456789"),
    ),
}
_SURROGATE = re.compile("[\ud800-\udfff]")

Keys = tuple[str | int, ...]
"""Where a value is: the keys (texts) and list positions (from 0) that lead to it."""


class Flaw(NamedTuple):
    """What is wrong with a file as YAML, how to fix it, and the line (1-based) if it is known."""

    message: str
    fix: str
    line: int | None


class Lines(NamedTuple):
    """The lines (1-based) a key and its value start on."""

    key: int
    value: int


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its `value` (dict, list, str, int, float, bool, None), where each part stands, and what is wrong.

    `usable` is False if there is no value to go on with.
    """

    value: Any
    lines: dict[Keys, Lines] = field(default_factory=dict)
    flaws: tuple[Flaw, ...] = ()
    usable: bool = True

    def line_of(self, keys: Keys) -> int | None:
        """The line the value at `keys` starts on."""
        return self.lines[keys].value if keys in self.lines else None


def read(data: bytes | str) -> Document:
    """A file that is empty or only comments is an empty mapping; one that holds no mapping is not usable."""
    import yaml

    try:
        node = yaml.compose(data, Loader=_core_loader())
    except yaml.YAMLError as error:
        return Document(None, flaws=(_syntax(error),), usable=False)
    except RecursionError:
        return Document(
            None, flaws=(Flaw("the file is nested too deeply", f"Use at most {DEPTH} levels.", None),), usable=False
        )
    if node is None:
        return Document({})
    reading = _Reading()
    try:
        value = reading.value(node, ())
    except _TooMuch as error:
        return Document(None, flaws=(*reading.flaws, error.flaw), usable=False)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        line = node.start_mark.line + 1
        flaw = Flaw("the file does not hold a mapping", "Write `key: value` lines.", line)
        return Document(None, flaws=(*reading.flaws, flaw), usable=False)
    return Document(value, reading.lines, tuple(reading.flaws))


def _core_loader() -> type[Loader]:
    import yaml

    class CoreLoader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol
        _in_plain = False

        def scan_plain(self) -> Any:
            self._in_plain = self.flow_level > 0
            try:
                return super().scan_plain()
            finally:
                self._in_plain = False

        def peek(self, index: int = 0) -> Any:
            """In brackets PyYAML ends a text at its `?`, as in the URL of `{url: /search?q=1}`; YAML 1.2 does not."""
            found = super().peek(index)
            return "_" if self._in_plain and found == "?" else found

    for name, (pattern, first) in _CORE.items():
        whole = re.compile(f"^(?:{pattern.pattern})$")
        CoreLoader.add_implicit_resolver(_TAG + name, whole, first)
    return CoreLoader  # type: ignore[return-value]


def _syntax(error: YAMLError) -> Flaw:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    fix = "Check the indentation, colons and quotes there."
    if "'\\t'" in problem:
        fix = "Indent with blanks, not tabs."
    if mark is None:
        fix = "Save it as UTF-8 text without control characters."
    if problem.startswith("but found another document"):
        problem, fix = "there is more than one document in it", "Remove the lines after `---`."
    return Flaw(f"this is not YAML: {one_line(problem)}", fix, mark.line + 1 if mark else None)


class _TooMuch(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, flaw: Flaw) -> None:
        self.flaw = flaw
        super().__init__(flaw.message)


class _Reading:
    """The nodes of one file turned into values, noting lines and flaws on the way."""

    def __init__(self) -> None:
        self.lines: dict[Keys, Lines] = {}
        self.flaws: list[Flaw] = []
        self._nodes = 0

    def value(self, node: Node, keys: Keys, key_line: int | None = None) -> Any:
        from yaml import MappingNode, ScalarNode, SequenceNode

        line = node.start_mark.line + 1
        self._nodes += 1
        if self._nodes > NODES or len(keys) > DEPTH:
            what = (
                f"holds more than {NODES:,} values" if self._nodes > NODES else f"is nested deeper than {DEPTH} levels"
            )
            raise _TooMuch(Flaw(f"the file {what}, aliases included", "Make it smaller or write it out.", line))
        self.lines[keys] = Lines(key_line or line, line)
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node, MappingNode) and kind == "map":
            return self._mapping(node, keys)
        if isinstance(node, SequenceNode) and kind == "seq":
            return [self.value(item, (*keys, at)) for at, item in enumerate(node.value)]
        if isinstance(node, ScalarNode) and kind in (*_CORE, "str"):
            return self._scalar(node, kind)
        self.flaws.append(Flaw(f"the tag `{_shown(node.tag)}` is not read here", "Remove the tag.", line))
        return None

    def _mapping(self, node: MappingNode, keys: Keys) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.id != "scalar":
                self.flaws.append(
                    Flaw("a list or mapping is used as a key", "Write a plain text before the colon.", line)
                )
                continue
            name = self._text(key)
            if name == "<<":
                self.flaws.append(Flaw("`<<` merges nothing in YAML 1.2", "Write the keys out.", line))
            elif name in made:
                first = self.lines[(*keys, name)].key
                self.flaws.append(
                    Flaw(f"`{_shown(name)}` is given twice, first on line {first}", "Keep one of them.", line)
                )
            else:
                made[name] = self.value(value, (*keys, name), line)
        return made

    def _scalar(self, node: ScalarNode, kind: str) -> Any:
        text = self._text(node)
        if kind == "str":
            return text
        line = node.start_mark.line + 1
        if not _CORE[kind][0].fullmatch(text) or len(text) > 300:
            self.flaws.append(Flaw(f"`{_shown(text)}` is not a value of type {kind}", "Write it without a tag.", line))
            return None
        return _plain(kind, text)

    def _text(self, node: ScalarNode) -> str:
        # JSON escapes one character as two halves; PyYAML leaves them apart.
        text: str = node.value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        if _SURROGATE.search(text):
            flaw = Flaw("half of a character is escaped there", "Write the character itself.", node.start_mark.line + 1)
            self.flaws.append(flaw)
        return _SURROGATE.sub("\ufffd", text)


def _plain(kind: str, text: str) -> Any:
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _shown(text: str) -> str:
    return shortened(one_line(text), 80)


def dotted(keys: Sequence[str | int]) -> str:
    """`keys` as a person would say them: `suites.unit.reports[2]`, positions from 0."""
    made = ""
    for key in keys:
        made += f"[{key}]" if isinstance(key, int) else f".{_shown(key)}"
    return made.removeprefix(".")
