"""What kind of weakness a rule looks for, so that the rules of two scanners for one thing are known as one.

The family of a rule is, in this order: that of an infrastructure check (`iac_checks`), the CWE our table of the rule
gives (`rule_cwes`; some scanners name none, or a vague one), the CWE the report gives, else the rule itself.
"""

from __future__ import annotations

from security_report_aggregator.iac_checks import check_family
from security_report_aggregator.model import Rule
from security_report_aggregator.rule_cwes import cwe_of_rule

CLASSES: tuple[tuple[int, ...], ...] = (
    (89, 564, 943),  # SQL injection, through Hibernate, in a query of any data store
    (78, 77, 88),  # command injection: of the OS, any, by arguments
    (79, 80, 81, 83, 84, 85, 86, 87),  # cross-site scripting and its variants
    (22, 23, 24, 25, 26, 27, 28, 29, 35, 36, 37, 38, 73),  # path traversal and file names from outside
    (502,),  # deserialization
    (611, 776, 827),  # XML entities and document types from outside
    (918,),  # server-side request forgery
    (601,),  # open redirect
    (352,),  # cross-site request forgery
    (95, 94, 96, 913),  # code injection
    (798, 259, 321),  # hard-coded password, key, credentials
    (295, 296, 297, 298, 299, 599),  # certificate validation
    (338, 330, 331, 335, 336, 337, 340),  # randomness that can be guessed
    (327, 328, 916, 759, 760),  # broken cryptography, weak hashes
    (377, 378, 379),  # temporary files
    (732, 276, 277, 278, 279, 281),  # permissions
    (1333, 185, 730),  # regular expressions that take too long
    (489, 209, 210, 211, 215, 11),  # debugging and messages that tell too much
    (319, 311, 523),  # data in clear text on the wire
    (614, 1004, 1275),  # flags of cookies
)
"""CWEs that scanners use for one another: parents, children and variants in MITRE's research view (CWE-1000).

A rule with CWEs of several classes belongs to the first of them here.
"""

VAGUE = frozenset({16, 20, 74, 116, 200, 264, 284, 310, 388, 400, 635, 664, 668, 682, 691, 693, 697, 703, 707, 710})
"""Categories and pillars: they say less than any other CWE beside them."""

_CLASS = {cwe: (rank, members[0]) for rank, members in enumerate(CLASSES) for cwe in members}
_NO_CLASS = len(CLASSES)


def family(tool: str, rule: Rule) -> str:
    """`cwe-89`, the name of an infrastructure check (`docker-root`), or `tool:rule` for a rule nobody can place."""
    check = check_family(rule.id)
    if check:
        return check
    known = cwe_of_rule(tool, rule.id)
    cwe = _representative((known,) if known else rule.cwes)
    return f"cwe-{cwe}" if cwe else f"{tool}:{rule.id}"


def _representative(cwes: tuple[int, ...]) -> int | None:
    """One CWE that stands for all: the first class, else the lowest number that is not vague, else the lowest."""
    best = min((_CLASS.get(cwe, (_NO_CLASS + (cwe in VAGUE), cwe)) for cwe in cwes), default=None)
    return best[1] if best else None
