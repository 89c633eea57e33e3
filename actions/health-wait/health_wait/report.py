"""The judgement of a watch as an Outcome: facts, problems, and the data that others may rely on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actionkit.outcome import Fact, Outcome, Problem, Severity, Verdict
from health_wait import findings, standing, timeline
from health_wait.model import Result
from health_wait.phrases import told
from health_wait.progress import MOST_NAMED
from health_wait.seen import Seen
from health_wait.targets import encrypted
from health_wait.verdict import Judged, Judgement

FIXES = {
    Result.TIMEOUT: "Look at the deployment; give it more time with `deadline` only if it is known to need more.",
    Result.WRONG_VERSION: "Check that the rollout has finished, and that every replica was replaced.",
    Result.REGRESSED: "Roll back, or look at what the failed probes say.",
    Result.INCONCLUSIVE: "Run the job again; nothing is known against the deployment.",
    Result.MISCONFIGURED: "Correct the target: waiting longer cannot mend this.",
}

STILL_FAILS = (
    "Look at the deployment; a longer `bake-time` tells whether it recovers, and a lower limit ends it sooner."
)

UNSTATED = (
    "Say in `version-from` where the answer states its version; give a target that states none a step of its own,"
    " without `expect-version`."
)

UNDECIDED = "Nothing was decided about this one: the watch ended when another target had failed."

UNDECIDED_BAKES = "Nothing was decided about these: the watch ended when another target had failed."

_WITHOUT_ITS_TIME = (Result.TIMEOUT, Result.REGRESSED)
"""Results whose diagnosis does not say how long was watched."""


def outcome(seen: Seen, judgement: Judgement, action: str) -> Outcome:
    """Everything the judgement says, in the envelope every action ends in."""
    data = findings.data(seen, judgement)
    return Outcome(
        action=action,
        verdict=judgement.verdict,
        headline=headline(judgement, seen),
        facts=tuple(_facts(data, judgement, seen)),
        problems=tuple(_problems(judgement)),
        data={
            **data,
            "diagnosis": diagnosis(judgement),
            "failed_targets": [judged.target.name for judged in failed(judgement)],
            "timeline": timeline.chart(seen, judgement),
        },
    )


def failed(judgement: Judgement) -> tuple[Judged, ...]:
    """The targets that are not healthy, those with the overall result first."""
    others = [
        judged
        for judged in judgement.targets
        if judged.result is not Result.HEALTHY and not _cut_short(judged, judgement)
    ]
    return tuple(sorted(others, key=lambda judged: judged.result is not judgement.result))


def _undecided(judged: Judged, judgement: Judgement) -> bool:
    """Whether the watch ended, because of another target, before this one was decided."""
    return judged.result is Result.INCONCLUSIVE and judgement.result is not Result.INCONCLUSIVE


def _cut_short(judged: Judged, judgement: Judgement) -> bool:
    """Whether all that this one lacks is the rest of its bake: it was healthy when another target ended the watch."""
    return _undecided(judged, judgement) and standing.healthy(judged.target, judged.standing)


def diagnosis(judgement: Judgement) -> str:
    """One sentence: of the one target, or of the first that explains the result."""
    first = (failed(judgement) or judgement.targets)[0]
    return first.diagnosis if len(judgement.targets) == 1 else f"{first.target.name}: {first.diagnosis}"


def headline(judgement: Judgement, seen: Seen) -> str:
    """`2 of 3 targets healthy after 41 s: api.example.com: …`; a single target speaks for itself."""
    bad = failed(judgement)
    count = len(judgement.targets)
    seconds = f"{seen.ended:.1f} s"
    if count == 1:
        after = f" after {seconds}" if judgement.result in _WITHOUT_ITS_TIME else ""
        word = f"{judgement.result.value}{after}: " if bad else ""
        return f"{judgement.targets[0].target.name}: {word}{judgement.targets[0].diagnosis}"
    if not bad and seen.baking_since is not None:
        baked = f"and stayed so for {told(seen.policy.bake_time)}"
        return f"{count} targets healthy after {seen.baking_since:.1f} s, {baked}"
    if not bad:
        return f"{count} targets healthy after {seconds}"
    return f"{count - len(bad)} of {count} targets healthy after {seconds}: {diagnosis(judgement)}"


def _facts(data: Mapping[str, Any], judgement: Judgement, seen: Seen) -> Iterator[Fact]:
    count, bad = len(judgement.targets), len(failed(judgement))
    policy = seen.policy
    yield Fact("Result", judgement.result.value, ok=judgement.verdict is Verdict.PASS)
    yield Fact("Targets healthy", f"{count - bad} of {count}", ok=not bad)
    healthy = [judged.standing.healthy_at for judged in judgement.targets]
    last = max((at for at in healthy if at is not None), default=None) if None not in healthy else None
    yield Fact("Time to healthy", _figure(last, 3), "s", limit=_figure(policy.deadline, 3))
    served = data["availability"] is not None
    yield Fact("Availability", _figure(data["availability"] * 100, 4) if served else None, "%")
    yield Fact("Downtime", _figure(data["downtime_seconds"], 3) if served else None, "s")
    if policy.bake_time:
        baked = seen.baking_since is not None
        most = max((judged.standing.tally.failed for judged in judgement.targets), default=0)
        limit = policy.failure_limit
        ok = most <= limit if baked and limit is not None else None
        yield Fact("Failed probes while baking", most if baked else None, limit=limit, ok=ok)
    yield Fact("Probes", sum(judged.probes for judged in judgement.targets))


def _problems(judgement: Judgement) -> Iterator[Problem]:
    cut_short = [judged for judged in judgement.targets if _cut_short(judged, judgement)]
    for judged in failed(judgement):
        yield _problem(judged, judgement)
    if len(cut_short) > MOST_NAMED:
        yield _cut_short_together(cut_short)
    else:
        yield from (_problem(judged, judgement) for judged in cut_short)
    for judged in judgement.targets:
        yield from _healthy_but(judged)


def _problem(judged: Judged, judgement: Judgement) -> Problem:
    message = f"{judged.target.name}: {judged.result.value}: {judged.diagnosis}"
    if _undecided(judged, judgement):
        return Problem(message, UNDECIDED, severity=Severity.WARNING)
    return Problem(message, _fix(judged), title=f"{judged.target.name} is not healthy")


def _cut_short_together(cut_short: Sequence[Judged]) -> Problem:
    """One for many, so that they do not hide the one target that failed."""
    named = ", ".join(judged.target.name for judged in cut_short[:MOST_NAMED])
    message = (
        f"{len(cut_short)} targets were healthy, but the watch was stopped before the end of their bake: {named} and "
        f"{len(cut_short) - MOST_NAMED} more"
    )
    return Problem(message, UNDECIDED_BAKES, severity=Severity.WARNING)


def _fix(judged: Judged) -> str:
    if judged.result is Result.INCONCLUSIVE and standing.fails_at_its_end(judged.standing):
        return STILL_FAILS
    if judged.result is Result.WRONG_VERSION and judged.version is None:
        return UNSTATED
    return FIXES[judged.result]


def _healthy_but(judged: Judged) -> Iterator[Problem]:
    """What a healthy target does not prove."""
    if judged.result is Result.HEALTHY:
        statuses = {probe.status for probe in judged.standing.latest.values() if probe.status is not None}
        redirects = sorted(status for status in statuses if 300 <= status <= 399)
        if redirects:
            message = (
                f"{judged.target.name}: the answer is a redirect ({redirects[0]}): nobody looked at what is behind it"
            )
            fix = "Set `expect-status: 200`, or name the URL it leads to."
            yield Problem(message, fix, severity=Severity.WARNING)
        if judged.target.insecure and encrypted(judged.target.url):
            message = f"{judged.target.name}: the certificate was not verified, so anybody may have answered"
            yield Problem(message, "Hand in `ca-bundle` and leave `insecure` away.", severity=Severity.WARNING)


def _figure(number: float | None, digits: int) -> float | None:
    """A figure without needless zeros."""
    return None if number is None else int(number) if number == int(number) else round(number, digits)
