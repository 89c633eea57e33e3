"""What all versions of Safety say of a vulnerability, as a finding."""

from __future__ import annotations

from datetime import UTC, datetime

from security_report_aggregator.model import UNRATED, Category, Finding, Level, Location, Package, Rated, Rule
from security_report_aggregator.readers.fields import Object, obj, text
from security_report_aggregator.readers.ids import ids_in
from security_report_aggregator.readers.remarks import one_line
from security_report_aggregator.severity import by_score, by_vector, by_word, first_known

TOOL = "safety"


def finding(
    own: str,
    package: Package,
    advisory: str,
    *,
    rated: Rated = UNRATED,
    cve: object = None,
    fixed_in: tuple[str, ...] = (),
    location: Location | None = None,
    suppressed: str = "",
    published: object = None,
    url: object = None,
) -> Finding:
    """The finding. PyUp's data base spells its ids `pyup.io-44742`; reports leave the beginning out."""
    address = text(url)
    address = address if address.startswith("https://") else ""
    return Finding(
        Category.DEPENDENCY,
        TOOL,
        Rule(own, "", advisory, address),
        rated,
        one_line(advisory) or f"{own} in {package.name} {package.version}".rstrip(),
        location,
        package,
        (*ids_in(_named(cve)), *((f"pyup.io-{own}",) if own.isdigit() else ())),
        fixed_in,
        suppressed=suppressed,
        published=_day(published),
        url=address,
    )


def rated(severity: Object) -> Rated:
    """`cvssv3` before `cvssv2`: the word, then the score, then the vector; most advisories have none of them."""
    of_both = [_by_cvss(obj(severity.get(key)), key) for key in ("cvssv3", "cvssv2")]
    return first_known(*of_both) if any(one.score is not None or one.said for one in of_both) else UNRATED


def _by_cvss(cvss: Object, key: str) -> Rated:
    score = by_score(cvss.get("base_score"), f"{key} base_score")
    word = by_word(cvss.get("base_severity"), f"{key} base_severity", score=score.score)
    found = first_known(word, score)
    return found if found.level is not Level.UNKNOWN else by_vector(cvss.get("vector_string"), f"{key} vector")


def _named(cve: object) -> object:
    """An id or several in one text; 2.0 wrote an object with a name."""
    return cve.get("name") if isinstance(cve, dict) else cve


def _day(published: object) -> datetime | None:
    """`2022-Feb-03`."""
    try:
        return datetime.strptime(text(published), "%Y-%b-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
