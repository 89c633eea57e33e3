"""What the rules look at: the evidence with the waivers applied, and the weaknesses that count. Immutable, no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from security_report_aggregator import waivers
from security_report_aggregator.evidence import Entry, Evidence
from security_report_aggregator.model import Category, Level, Weakness
from security_report_aggregator.policy import Policy
from security_report_aggregator.waivers import Applied

Group = tuple[Category, Level]


@dataclass(frozen=True, slots=True)
class Case:
    """One run before its verdict.

    `standing` are the weaknesses that are not waived. `held` are those of them that the policy is held against: with
    `only_new` what the change brought or made worse, where that is known. `groups` are the held ones by category and
    level.
    """

    evidence: Evidence
    policy: Policy
    applied: Applied
    standing: tuple[Weakness, ...]
    held: tuple[Weakness, ...]
    groups: Mapping[Group, Sequence[Weakness]]

    @classmethod
    def of(cls, evidence: Evidence, policy: Policy) -> Case:
        applied = waivers.apply(evidence.waivers, evidence.weaknesses, policy, evidence.now.date())
        standing = tuple(weakness for weakness in evidence.weaknesses if weakness.id not in applied.waived)
        held, delta = standing, evidence.delta
        if policy.only_new and delta is not None:
            brought = delta.new | delta.worse.keys()
            held = tuple(weakness for weakness in standing if weakness.id in brought)
        groups: dict[Group, list[Weakness]] = defaultdict(list)
        for weakness in held:
            groups[weakness.category, weakness.rated.level].append(weakness)
        return cls(evidence, policy, applied, standing, held, groups)

    @property
    def doubtful(self) -> tuple[Entry, ...]:
        """The entries of the ledger that cannot be relied on."""
        return tuple(entry for entry in self.evidence.ledger if entry.reasons)

    @property
    def complete(self) -> bool:
        """Whether every scanner's word can be relied on; an empty ledger holds no word at all."""
        return bool(self.evidence.ledger) and not self.doubtful and not self.evidence.unreadable

    @property
    def lacks_baseline(self) -> bool:
        """Whether only what is new counts, and nobody can say what that is."""
        return self.policy.only_new and self.evidence.delta is None

    def in_group(self, category: Category | None, level: Level | None) -> Iterator[Weakness]:
        """The held weaknesses of a category and a level; None for any."""
        for (of, at), members in self.groups.items():
            if category in (of, None) and level in (at, None):
                yield from members


def worst_first(weakness: Weakness) -> tuple[int, str]:
    return -weakness.rated.level.rank, weakness.id
