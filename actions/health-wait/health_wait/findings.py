"""A judgement as JSON: what `outcome.json` carries in `data` of health-wait."""

from __future__ import annotations

from typing import Any

from actionkit.untrusted import one_line, shortened
from health_wait import census, downtime, phrases
from health_wait.model import Gap, Probe
from health_wait.seen import Seen, probes_of
from health_wait.verdict import Judged, Judgement

MOST_GAPS = 50
MOST_REPLICAS = 50


def data(seen: Seen, judgement: Judgement) -> dict[str, Any]:
    """Keys `result`, `elapsed_seconds`, `probes`, `availability`, `downtime_seconds`, `runner` and `targets`.

    All durations are seconds to the millisecond, since the watch began where they are moments. `availability` is the
    worst target's share from 0 to 1 (None: none ever served), `downtime_seconds` the time in which one was down.
    """
    return {
        "result": judgement.result.value,
        "elapsed_seconds": _ms(seen.ended),
        "probes": sum(judged.probes for judged in judgement.targets),
        "availability": availability(judgement),
        "downtime_seconds": _ms(downtime.together((judged.gaps for judged in judgement.targets), seen.ended)),
        "baking_since_seconds": _ms(seen.baking_since),
        "runner": {
            "worst_lag_seconds": _ms(judgement.lag.worst),
            "late": judgement.lag.late,
            "control_probes": judgement.lag.of,
            "untrusted": [[_ms(span.start), _ms(min(span.end, seen.ended))] for span in judgement.spans[:MOST_GAPS]],
        },
        "targets": [_target(judged, seen) for judged in judgement.targets],
    }


def availability(judgement: Judgement) -> float | None:
    """The worst of all targets; one that never served while another did has none at all: 0."""
    shares = [judged.availability for judged in judgement.targets]
    if all(share is None for share in shares):
        return None
    return round(min(share or 0.0 for share in shares), 6)


def _target(judged: Judged, seen: Seen) -> dict[str, Any]:
    told = {
        "target": judged.target.name,
        "kind": judged.target.kind.value,
        "result": judged.result.value,
        "diagnosis": judged.diagnosis,
        "version": None if judged.version is None else phrases.version(judged.version),
        "probes": judged.probes,
        "failed_probes": sum(not probe.ok for probe in probes_of(judged.events)),
        "ignored_probes": judged.ignored,
        "first_served_seconds": _ms(judged.standing.served_at),
        "first_healthy_seconds": _ms(judged.standing.healthy_at),
        "time_to_detect_seconds": _ms(judged.standing.detected_in),
        "downtime_seconds": _ms(judged.downtime),
        "availability": None if judged.availability is None else round(judged.availability, 6),
        "gaps": [_gap(gap) for gap in judged.gaps[:MOST_GAPS]],
        "addresses": sorted({probe.address for probe in probes_of(judged.events) if probe.address})[:MOST_REPLICAS],
    }
    return told if judged.census is None else told | {"replicas": _replicas(judged, seen)}


def _replicas(judged: Judged, seen: Seen) -> list[dict[str, Any]]:
    """The replicas that counted at the end."""
    names = [name for name in judged.standing.streaks if name != census.NAME]
    return [_replica(name, judged, seen.ended) for name in names[:MOST_REPLICAS]]


def _replica(name: str, judged: Judged, ended: float) -> dict[str, Any]:
    last: Probe | None = judged.standing.latest.get(name)
    return {
        "address": name,
        "ok": last is not None and last.ok,
        "version": None if last is None or last.version is None else phrases.version(last.version),
        "downtime_seconds": _ms(downtime.downtime(downtime.replica_gaps(judged.events, name), ended)),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    reason = shortened(one_line(gap.reason), phrases.LONGEST_REASON)
    return {"start_seconds": _ms(gap.start), "end_seconds": _ms(gap.end), "reason": reason}


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
