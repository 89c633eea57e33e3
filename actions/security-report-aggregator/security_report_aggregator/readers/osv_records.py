"""A record of the OSV schema (https://ossf.github.io/osv-schema/), as far as a finding needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from security_report_aggregator import purls
from security_report_aggregator.document import Document
from security_report_aggregator.model import Level, Package, Rated, Rule
from security_report_aggregator.readers.fields import Object, moment, numbers_of_cwes, obj, text, texts
from security_report_aggregator.readers.remarks import one_line
from security_report_aggregator.severity import by_vector, by_word, first_known, highest


@dataclass(frozen=True, slots=True)
class Record:
    """One advisory. `fixes` are package name and fixing version, with "" for a commit; `withdrawn` says when."""

    id: str
    rule: Rule
    message: str
    aliases: tuple[str, ...]
    rated: Rated
    fixes: tuple[tuple[str, str], ...]
    published: datetime | None
    withdrawn: str

    def fixed_in(self, package: Package | None) -> tuple[str, ...]:
        """The versions that fix it in this package, not those of others that the advisory speaks of too."""
        if package is None:
            return tuple(dict.fromkeys(version for name, version in self.fixes if not name))
        own = purls.same_name(package.type, package.name)
        named = (version for name, version in self.fixes if name and purls.same_name(package.type, name) == own)
        return tuple(dict.fromkeys(named))


def record(document: Document, said: Object, where: str, rules: dict[str, Rule]) -> Record:
    """The record as `said`. Raises Unreadable for one without an id. Rules are shared over `rules`."""
    own = text(said.get("id"))
    if not own:
        raise document.unreadable(f"`{where}` has no id")
    rule = rules.setdefault(own, _rule(own, said))
    withdrawn = text(said.get("withdrawn"))
    return Record(
        own,
        rule,
        one_line(said.get("summary")) or one_line(said.get("details")) or own,
        texts(said.get("aliases")),
        _rated(said),
        tuple(_fixes(said)),
        moment(said.get("published")),
        f"the advisory was withdrawn on {withdrawn[:10]}" if withdrawn else "",
    )


def _rule(own: str, said: Object) -> Rule:
    of_affected = [
        obj(cwe).get("cweId")
        for affected in _objects(said.get("affected"))
        for cwe in _objects(obj(affected.get("database_specific")).get("cwes"))
    ]
    return Rule(
        own,
        text(said.get("summary")),
        text(said.get("details")),
        f"https://osv.dev/vulnerability/{own}",
        numbers_of_cwes(obj(said.get("database_specific")).get("cwe_ids"), of_affected),
    )


def _rated(said: Object) -> Rated:
    """The word of the data base, else the worst of the vectors, which are only then worked out."""
    word = by_word(obj(said.get("database_specific")).get("severity"), "severity of the database")
    return word if word.level is not Level.UNKNOWN else highest(_by_vectors(said))


def _by_vectors(said: Object) -> Iterator[Rated]:
    """Each vector alone: one that cannot be read leaves the others standing. Ubuntu writes words instead."""
    for holder in (said, *_objects(said.get("affected"))):
        for one in _objects(holder.get("severity")):
            score = one.get("score")
            yield first_known(by_vector(score), by_word(score, f"{text(one.get('type'))[:20]} severity"))


def _fixes(said: Object) -> Iterator[tuple[str, str]]:
    for affected in _objects(said.get("affected")):
        name = text(obj(affected.get("package")).get("name"))
        for one in _objects(affected.get("ranges")):
            is_commit = one.get("type") == "GIT"
            for event in _objects(one.get("events")):
                if fixed := text(event.get("fixed")):
                    yield ("" if is_commit else name), fixed


def _objects(value: object) -> list[Object]:
    """Those of a list, without anything else: only the id of a record must be right."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
