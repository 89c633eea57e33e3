"""Licences as packages state them, read as SPDX expressions. Pure.

`license-expression` knows the SPDX ids, the deprecated ones and the grammar. Packages also write classifiers and plain
names: NAMES says what those mean. A name with several readings (`BSD License`) means all of them at once, so that
it passes only if every reading does; so does a list of classifiers, which never says whether one may choose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from actionkit.untrusted import one_line, shortened

TEXT_LIMIT = 1000
"""Characters. What is longer is a licence's own text, which nobody reads here; and so nothing nests too deeply."""

GNU = (
    ("gpl", "general public", (("2", "2.0"), ("2.0", "2.0"), ("3", "3.0"), ("3.0", "3.0"))),
    ("lgpl", "lesser general public", (("2", "2.0"), ("2.0", "2.0"), ("2.1", "2.1"), ("3", "3.0"), ("3.0", "3.0"))),
    ("lgpl", "library general public", (("2", "2.0"), ("2.0", "2.0"))),
    ("agpl", "affero general public", (("3", "3.0"), ("3.0", "3.0"))),
)
"""Short name, long name, and the versions as they are written and as SPDX has them."""

_ANY_GPL = "GPL-2.0-or-later AND GPL-3.0-or-later"
_ANY_LGPL = "LGPL-2.0-or-later AND LGPL-2.1-or-later AND LGPL-3.0-or-later"

NAMES = {
    "agpl": "AGPL-3.0-or-later",
    "al 2.0": "Apache-2.0",
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache software": "Apache-2.0",
    "apache software 2.0": "Apache-2.0",
    "artistic": "Artistic-1.0 AND Artistic-2.0",
    "asl 2.0": "Apache-2.0",
    "blue oak model blueoak 1.0.0": "BlueOak-1.0.0",
    "boost software 1.0": "BSL-1.0",
    "boost software 1.0 bsl 1.0": "BSL-1.0",
    "bsd": "BSD-2-Clause AND BSD-3-Clause",
    "bsd 2 clause": "BSD-2-Clause",
    "2 clause bsd": "BSD-2-Clause",
    "simplified bsd": "BSD-2-Clause",
    "freebsd": "BSD-2-Clause",
    "bsd 3 clause": "BSD-3-Clause",
    "3 clause bsd": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "revised bsd": "BSD-3-Clause",
    "zero clause bsd 0bsd": "0BSD",
    "business source 1.1": "BUSL-1.1",
    "cc0": "CC0-1.0",
    "cc0 1.0 universal": "CC0-1.0",
    "cc0 1.0 universal cc0 1.0 public domain dedication": "CC0-1.0",
    "cea cnrs inria logiciel libre 2.1 cecill 2.1": "CECILL-2.1",
    "cecill b free software agreement cecill b": "CECILL-B",
    "cecill c free software agreement cecill c": "CECILL-C",
    "cmu mit cmu": "MIT-CMU",
    "common development and distribution 1.0 cddl 1.0": "CDDL-1.0",
    "common public": "CPL-1.0",
    "commercial": "LicenseRef-scancode-proprietary-license",
    "other proprietary": "LicenseRef-scancode-proprietary-license",
    "proprietary": "LicenseRef-scancode-proprietary-license",
    "unlicensed": "LicenseRef-scancode-proprietary-license",
    "eclipse public 1.0": "EPL-1.0",
    "eclipse public 1.0 epl 1.0": "EPL-1.0",
    "eclipse public 2.0": "EPL-2.0",
    "eclipse public 2.0 epl 2.0": "EPL-2.0",
    "educational community 2.0 ecl 2.0": "ECL-2.0",
    "european union public 1.0 eupl 1.0": "EUPL-1.0",
    "european union public 1.1 eupl 1.1": "EUPL-1.1",
    "european union public 1.2 eupl 1.2": "EUPL-1.2",
    "expat": "MIT",
    "gnu affero general public": "AGPL-3.0-or-later",
    "gnu free documentation fdl": "GFDL-1.1-or-later AND GFDL-1.2-or-later AND GFDL-1.3-or-later",
    "gnu general public": _ANY_GPL,
    "gnu general public gpl": _ANY_GPL,
    "gnu gpl": _ANY_GPL,
    "gpl": _ANY_GPL,
    "gnu lesser general public": _ANY_LGPL,
    "gnu library or lesser general public lgpl": _ANY_LGPL,
    "gnu lgpl": _ANY_LGPL,
    "lgpl": _ANY_LGPL,
    "historical permission notice and disclaimer hpnd": "HPND",
    "isc iscl": "ISC",
    "iscl": "ISC",
    "ibm public": "IPL-1.0",
    "mit mit": "MIT",
    "mit expat": "MIT",
    "mit no attribution mit 0": "MIT-0",
    "miros miros": "MirOS",
    "mozilla public 1.0 mpl": "MPL-1.0",
    "mozilla public 1.1": "MPL-1.1",
    "mozilla public 1.1 mpl 1.1": "MPL-1.1",
    "mozilla public 2.0": "MPL-2.0",
    "mozilla public 2.0 mpl 2.0": "MPL-2.0",
    "mpl": "MPL-1.1 AND MPL-2.0",
    "mulan permissive software 2 mulanpsl 2.0": "MulanPSL-2.0",
    "nasa open source agreement 1.3 nasa 1.3": "NASA-1.3",
    "open software 3.0 osl 3.0": "OSL-3.0",
    "psf": "PSF-2.0",
    "psfl": "PSF-2.0",
    "python software foundation": "PSF-2.0",
    "python cnri python": "CNRI-Python",
    "public domain": "LicenseRef-scancode-public-domain",
    "qt public qpl": "QPL-1.0",
    "sil open font 1.1 ofl 1.1": "OFL-1.1",
    "unlicense unlicense": "Unlicense",
    "universal permissive upl": "UPL-1.0",
    "university of illinois ncsa open source": "NCSA",
    "vovida software 1.0": "VSL-1.0",
    "zlib libpng": "Zlib",
    "zope public": "ZPL-1.1 AND ZPL-2.0 AND ZPL-2.1",
    # Ids that SPDX has replaced by an expression.
    "gpl 2.0 with autoconf exception": "GPL-2.0-only WITH Autoconf-exception-2.0",
    "gpl 2.0 with bison exception": "GPL-2.0-only WITH Bison-exception-2.2",
    "gpl 2.0 with classpath exception": "GPL-2.0-only WITH Classpath-exception-2.0",
    "gpl 2.0 with font exception": "GPL-2.0-only WITH Font-exception-2.0",
    "gpl 2.0 with gcc exception": "GPL-2.0-only WITH GCC-exception-2.0",
    "gpl 3.0 with autoconf exception": "GPL-3.0-only WITH Autoconf-exception-3.0",
    "gpl 3.0 with gcc exception": "GPL-3.0-only WITH GCC-exception-3.1",
}
"""Names as `folded` gives them -> SPDX expression; the GNU licences are added by `_gnu`."""

_NO_STATEMENT = frozenset({"", "unknown", "none", "noassertion", "n/a", "null", "see license in license"})
_NOT_A_LICENSE = frozenset({"", "osi approved", "dfsg approved"})
_SILENT = frozenset({"the", "license", "licence", "licenses", "version"})
_WORDS = re.compile(r"[a-z0-9.+]+")
_VERSION = re.compile(r"v\.? ?(?=[0-9])")
_OPERATORS = re.compile(r"(\(|\)|(?<![^\s()])(?:AND|OR|WITH)(?![^\s()]))", re.IGNORECASE)
_PAGE = re.compile(
    r"https?://(?:www\.)?(?:opensource\.org|spdx\.org|apache\.org)/licenses?/([A-Za-z0-9.-]+?)(?:\.html|\.txt|\.php)?/?"
)


class Licence(NamedTuple):
    """One licence, with an exception or without; `known` is False for a name that nobody can place."""

    id: str
    exception: str = ""
    known: bool = True

    def __str__(self) -> str:
        return f"{self.id} WITH {self.exception}" if self.exception else self.id


@dataclass(frozen=True, slots=True)
class Both:
    """All parts hold at once (AND)."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " AND ".join(f"({part})" if isinstance(part, Either) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """Whoever uses it may choose one part (OR)."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(f"({part})" if isinstance(part, Both) else str(part) for part in self.parts)


Expression = Licence | Both | Either


def leaves(expression: Expression) -> Iterator[Licence]:
    """Every licence that stands in an expression."""
    if isinstance(expression, Licence):
        yield expression
        return
    for part in expression.parts:
        yield from leaves(part)


def family(id_: str) -> str:
    """`GPL-3.0` for `GPL-3.0-only`, `GPL-3.0-or-later` and `GPL-3.0+`: one text under other words about later ones."""
    return id_.removesuffix("+").removesuffix("-only").removesuffix("-or-later")


def folded(text: str) -> str:
    """A name without what differs from writer to writer: case, punctuation, `the`, `License`, `Version`, `v`."""
    words = _WORDS.findall(_VERSION.sub(" ", text.lower()))
    return " ".join(word for raw in words if (word := raw.strip(".")) and word not in _SILENT)


@lru_cache(maxsize=8192)
def read(text: str) -> Expression | None:
    """What a package's licence text means; None if it states none. What nobody can place is a licence not known."""
    plain = text.strip()
    if plain.lower() in _NO_STATEMENT:
        return None
    shown = Licence(shortened(one_line(plain), 80), known=False)
    if len(plain) > TEXT_LIMIT or "\n" in plain:
        return shown
    return _read(plain) or shown


def _read(plain: str) -> Expression | None:
    name = plain.rsplit(" :: ", 1)[-1].strip()
    single = _named(name)
    if single is not None:
        return single
    for separator in (";", ","):
        if separator in name:
            return _listed([part.strip() for part in name.split(separator)])
    if "/" in name:
        either = [_named(part.strip()) for part in name.split("/")]
        if all(part is not None for part in either):
            # Cargo's old way to write OR: https://doc.rust-lang.org/cargo/reference/manifest.html#the-license-and-license-file-fields
            return Either(tuple(part for part in either if part is not None))
    return _expression(name)


def _listed(names: Sequence[str]) -> Expression | None:
    parts = tuple(read(name) or Licence(name, known=False) for name in names if folded(name) not in _NOT_A_LICENSE)
    if len(parts) == 1:
        return parts[0]
    return Both(parts) if parts else None


def _named(text: str) -> Expression | None:
    """One licence by its SPDX id, its page, or one of NAMES; None for anything else."""
    page = _PAGE.fullmatch(text)
    name = page[1] if page else text
    if page and name.lower().startswith("license-"):
        name = f"Apache-{name[8:]}"
    key = folded(name)
    meant = NAMES.get(key) or _gnu().get(key)
    if meant:
        return _parsed(meant, ())
    known = _symbols().get(key.replace(" ", "-"))
    return _by_id(name) or (Licence(known) if known else None)


def _by_id(name: str) -> Licence | None:
    if name.lower().startswith(("licenseref-", "documentref-")) and not re.search(r"\s", name):
        return Licence(_symbols().get(name.lower(), name))
    later = name.endswith("+") and name.lower() not in _symbols()
    found = _symbols().get(name[:-1].lower() if later else name.lower())
    if found is None:
        return None
    return Licence(f"{found}+" if later else found)


def _expression(text: str) -> Expression | None:
    """An expression whose operands may be names. Each is handed to the parser as an id, so blanks do not confuse it."""
    tokens = [token.strip() for token in _OPERATORS.split(text)]
    operands: list[Expression] = []
    written: list[str] = []
    exception = False
    for token in filter(None, tokens):
        if _OPERATORS.fullmatch(token):
            exception = token.upper() == "WITH"
            written.append(token.upper())
        elif exception:
            written.append(token.replace(" ", "-"))
            exception = False
        else:
            operands.append(_named(token) or Licence(shortened(one_line(token), 80), known=False))
            written.append(f"LicenseRef-operand-{len(operands) - 1}")
    return _parsed(" ".join(written), tuple(operands)) if len(written) > 1 else None


def _parsed(text: str, operands: tuple[Expression, ...]) -> Expression | None:
    from license_expression import ExpressionError

    try:
        return _tree(_licensing().parse(text), operands)
    except (ExpressionError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
        # The parser refuses some malformed expressions by tripping over them: `()`, `MIT OR ( OR MIT`.
        return None


def _tree(node: Any, operands: tuple[Expression, ...]) -> Expression:
    from license_expression import AND, OR, LicenseWithExceptionSymbol

    if isinstance(node, AND | OR):
        parts = tuple(_tree(part, operands) for part in node.args)
        return Both(parts) if isinstance(node, AND) else Either(parts)
    if isinstance(node, LicenseWithExceptionSymbol):
        base = _tree(node.license_symbol, operands)
        exception = str(node.exception_symbol.key)
        return base._replace(exception=exception) if isinstance(base, Licence) else base
    key = str(node.key)
    if key.startswith("LicenseRef-operand-"):
        return operands[int(key.rsplit("-", 1)[-1])]
    return Licence(key)


@lru_cache(maxsize=1)
def _licensing() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    """SPDX id or alias in lower case -> SPDX id; exceptions are no licences."""
    known = [symbol for symbol in _licensing().known_symbols.values() if not symbol.is_exception]
    by_alias = {alias.lower(): symbol.key for symbol in known for alias in symbol.aliases if " " not in alias}
    return {**by_alias, **{symbol.key.lower(): symbol.key for symbol in known}}


def ids() -> Iterator[str]:
    """All SPDX ids, to find the nearest to a wrong one."""
    yield from (key for key in dict.fromkeys(_symbols().values()) if not key.startswith("LicenseRef-"))


@lru_cache(maxsize=1)
def _gnu() -> dict[str, str]:
    made: dict[str, str] = {}
    for short, long, versions in GNU:
        for written, version in versions:
            for name in (f"{short} {written}", f"gnu {short} {written}", f"gnu {long} {written}", f"{long} {written}"):
                made[name] = made[f"{name} only"] = f"{short.upper()}-{version}-only"
                later = f"{short.upper()}-{version}-or-later"
                made |= dict.fromkeys((f"{name}+", f"{name} or later", f"{name} or newer"), later)
            made[f"gnu {long} {written} {short} {written}"] = f"{short.upper()}-{version}-only"
            made[f"gnu {long} {written} or later {short} {written}+"] = f"{short.upper()}-{version}-or-later"
    return made
