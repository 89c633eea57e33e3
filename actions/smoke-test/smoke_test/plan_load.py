"""The load stage of a plan file: what contradicts itself in it, and its thresholds. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from actionkit.outcome import Problem, Severity
from actionkit.yamlcore import Keys
from smoke_test import thresholds_grammar as grammar
from smoke_test.model import Executor, Load, Threshold
from smoke_test.plan_steps import Making
from smoke_test.thresholds_grammar import Expression, Metric

if TYPE_CHECKING:
    from smoke_test.plan_file import LoadConfig

MOST_VUS = 1000
MOST_A_SECOND = 5000
"""What one process can drive and still measure; `export: k6` is for more."""

AT = ("load",)


def load(config: LoadConfig, making: Making, *, runs: bool, bounded: bool) -> tuple[Load, tuple[Problem, ...]]:
    """The load stage, and what in it is probably not meant.

    `runs` False: only its thresholds count, held against the result of another tool. `bounded` False: it is only
    written down for a tool that can drive more.
    """
    open_model = config.executor is Executor.ARRIVAL_RATE
    if runs:
        _check_shape(config, making)
    if bounded:
        _check_size(config, making)
    pairs = tuple(_thresholds(config, making))
    made = Load(
        executor=config.executor or Executor.VUS,
        vus=config.vus or 0,
        duration=config.duration or 0.0,
        rate=(config.rate or 0) if open_model else 0,
        time_unit=1.0 if config.time_unit is None else config.time_unit,
        tags=config.tags,
        graceful_stop=30.0 if config.graceful_stop is None else config.graceful_stop,
        thresholds=tuple(threshold for threshold, _ in pairs),
        place=making.place(AT),
    )
    return made, tuple(note for _, note in pairs if note is not None)


def _check_shape(config: LoadConfig, making: Making) -> None:
    if config.executor is None:
        choices = " or ".join(f"`{one.value}`" for one in Executor)
        fix = "Write `executor: constant-arrival-rate`: it measures what users wait while a server hangs."
        making.wrong(AT, f"`load` has no `executor`; accepted: {choices}", fix)
    if config.duration is None:
        making.wrong(AT, "`load` has no `duration`", "Add `duration: 30s`.")
    _check_count(config.vus, "vus", "vus: 20", making)
    if config.executor is Executor.ARRIVAL_RATE:
        _check_count(config.rate, "rate", "rate: 10", making)
    elif config.executor is Executor.VUS:
        for key in ("rate", "time_unit"):
            if getattr(config, key) is not None:
                message = f"`load.{key}` says nothing to `constant-vus`: its users start again as soon as they are done"
                making.wrong((*AT, key), message, "Remove it, or write `executor: constant-arrival-rate`.")


def _check_count(given: int | None, key: str, example: str, making: Making) -> None:
    if given is None:
        making.wrong(AT, f"`load` has no `{key}`", f"Add `{example}`.")
    elif given < 1:
        making.wrong((*AT, key), f"`load.{key}` is {given}, so nothing would be sent", f"Write `{example}`.")


def _check_size(config: LoadConfig, making: Making) -> None:
    fix = "Write less, or with the input `export: k6` make a script for k6, which can drive more."
    if config.vus is not None and config.vus > MOST_VUS:
        making.wrong((*AT, "vus"), f"`load.vus` is {config.vus}; accepted: at most {MOST_VUS:,}", fix)
    a_second = (config.rate or 0) / (config.time_unit or 1.0)
    if a_second > MOST_A_SECOND:
        message = f"`load.rate` is {a_second:,.0f} iterations a second; accepted: at most {MOST_A_SECOND:,}"
        making.wrong((*AT, "rate"), message, fix)


def _thresholds(config: LoadConfig, making: Making) -> Iterator[tuple[Threshold, Problem | None]]:
    for metric, items in config.thresholds.items():
        keys: Keys = (*AT, "thresholds", metric.text)
        for at, item in enumerate(items):
            stands = (*keys, at) if (*keys, at) in making.document.lines else keys
            asked = item if isinstance(item, Expression) else item.threshold
            if (wrong := grammar.misfit(metric, asked)) is not None:
                making.wrong(stands, f"`load.thresholds`: {wrong[0]}", wrong[1])
            place = making.place(stands)
            threshold = Threshold(
                metric=metric.name,
                text=asked.text,
                aggregate=asked.aggregate,
                operator=asked.operator,
                limit=asked.limit,
                percentile=asked.percentile,
                tags=metric.tags,
                abort_on_fail=not isinstance(item, Expression) and item.abort_on_fail,
                delay_abort_eval=0.0 if isinstance(item, Expression) else item.delay_abort_eval,
                place=place,
            )
            yield threshold, _note(metric, asked, threshold)


def _note(metric: Metric, asked: Expression, threshold: Threshold) -> Problem | None:
    doubt = grammar.doubt(metric, asked)
    if doubt is None:
        return None
    return Problem(
        doubt[0], doubt[1], threshold.place.path, threshold.place.line, Severity.WARNING, title="Probably not meant"
    )
