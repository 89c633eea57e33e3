"""`.github/security-policy.yml` as a pydantic model: what may stand in it and what each key means.

Apart from `policy` because pydantic takes longer to import than a small report to judge.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from actionkit import values
from actionkit.config import using
from actionkit.errors import InputError
from actionkit.policy_types import Day, Globs, Part, Reason
from security_report_aggregator.model import Category

_TEAM = re.compile(r"@?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)?", re.ASCII)


def _word(text: str) -> str:
    if not text.strip():
        raise InputError("an empty text", "a name", "Write the name, or remove the key.")
    return text.strip()


def _several(value: object) -> object:
    """One word stands for a list of one. Behind a function pydantic is strict about tuples, which YAML has not."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return (value,)
    if isinstance(value, list) and not value:
        raise ValueError("at least one, or no such key")
    return tuple(value) if isinstance(value, list) else value


def _team(text: str) -> str:
    if not _TEAM.fullmatch(text.strip()):
        raise InputError(
            f"{values.quoted(text)} is no team", "`@org/team` or `@user`", 'Write `"@org/team"`, in quotes.'
        )
    return text.strip()


def _score(text: str) -> int:
    found = values.count(text)
    if found > 100:
        raise InputError(f"{values.quoted(text)} is no score", "a whole number from 0 to 100", "Write `80`.")
    return found


Word = Annotated[str, PlainValidator(using(_word), json_schema_input_type=str | int)]
Words = Annotated[
    tuple[Word, ...],
    BeforeValidator(_several, json_schema_input_type=str | Annotated[list[str | int], Field(min_length=1)]),
]
Team = Annotated[str, PlainValidator(using(_team), json_schema_input_type=str)]
Duration = Annotated[timedelta, PlainValidator(using(values.duration), json_schema_input_type=str)]
Most = Annotated[int, PlainValidator(using(values.count), json_schema_input_type=Annotated[int, Field(ge=0)])]
Score = Annotated[int, PlainValidator(using(_score), json_schema_input_type=Annotated[int, Field(ge=0, le=100)])]
Categories = Annotated[
    tuple[Category, ...],
    BeforeValidator(_several, json_schema_input_type=Category | Annotated[list[Category], Field(min_length=1)]),
]


class CategoryLimits(Part):
    """How many findings of one category may stand. A level's limit takes the place of all others for that level."""

    critical: Most | None = Field(None, description="At most so many critical ones.")
    high: Most | None = Field(None, description="At most so many high ones.")
    medium: Most | None = Field(None, description="At most so many medium ones.")
    low: Most | None = Field(None, description="At most so many low ones.")
    unknown: Most | None = Field(None, description="At most so many without a severity.")
    total: Most | None = Field(None, description="At most so many of any severity.")


class LimitsConfig(Part):
    """How many findings may stand: of each severity, in all, and by category."""

    critical: Most | None = Field(None, description="At most so many critical ones.")
    high: Most | None = Field(None, description="At most so many high ones; takes the place of `fail_on` for them.")
    medium: Most | None = Field(None, description="At most so many medium ones.")
    low: Most | None = Field(None, description="At most so many low ones.")
    unknown: Most | None = Field(None, description="At most so many without a severity; instead of `fail_on_unknown`.")
    total: Most | None = Field(None, description="At most so many of any severity and category.")
    dependency: CategoryLimits | None = Field(None, description="Vulnerable dependencies.")
    code: CategoryLimits | None = Field(None, description="Weaknesses in one's own code (SAST).")
    container: CategoryLimits | None = Field(None, description="Packages of an operating system in images.")
    secret: CategoryLimits | None = Field(None, description="Leaked secrets.")
    license: CategoryLimits | None = Field(None, description="Licences of dependencies.")
    dast: CategoryLimits | None = Field(None, description="What scanners of a running application found.")
    iac: CategoryLimits | None = Field(None, description="Misconfigured infrastructure.")


class ApprovalConfig(Part):
    """Who must approve a waiver."""

    team: Team = Field(description='Who approves, as waivers name it in `approved_by`, such as `"@org/security"`.')
    base_branch_only: bool = Field(
        True, description="A waiver counts only if the same one stands on the base branch: no change approves itself."
    )


class ApprovalsConfig(Part):
    """Approval by severity: that of a level holds for worse ones too, unless these have their own."""

    critical: ApprovalConfig | None = Field(None, description="For critical findings.")
    high: ApprovalConfig | None = Field(None, description="For high and critical findings.")
    medium: ApprovalConfig | None = Field(None, description="For medium findings and worse.")
    low: ApprovalConfig | None = Field(None, description="For low findings and worse.")
    unknown: ApprovalConfig | None = Field(None, description="For findings without a severity, and no others.")


class WaiverConfig(Part):
    """Findings that do not count until a day. Every kind that is given must match; one of each is enough."""

    id: Word | None = Field(None, description="An advisory (CVE, GHSA, PYSEC, OSV); all its aliases are meant.")
    ids: Words | None = Field(None, description="Several of them.")
    rule: Word | None = Field(None, description="The id of a scanner's rule, such as `B101` or `bandit/B101`.")
    rules: Words | None = Field(None, description="Several of them.")
    package: Word | None = Field(
        None, description="`django`, `pypi/django`, `django@3.2.1` or a package URL: `pkg:pypi/django@3.2.1`."
    )
    packages: Words | None = Field(None, description="Several of them.")
    paths: Globs | None = Field(None, description="Globs over whole paths; `!glob` leaves out again.")
    category: Categories | None = Field(None, description="Only findings of this category, or of these.")
    until: Day = Field(description="The last day the waiver counts, such as 2027-03-31.")
    reason: Reason = Field(description="Why, for whoever reads it when it expires.")
    approved_by: Team | None = Field(None, description="Who approved it, as `approval` asks for it.")


class LicensesConfig(Part):
    """Which licences dependencies may have. `A OR B` passes if one side does, `A AND B` if both do."""

    allow: Words | None = Field(None, description="SPDX ids; all others are findings. Empty: all but those denied.")
    deny: Words | None = Field(None, description="SPDX ids; `GPL-3.0-only` stands for `GPL-3.0-or-later` too.")
    packages: Words | None = Field(None, description="Packages whose licence is accepted whatever it is, by name.")


class ConfigFile(Part):
    """The policy of security-report-aggregator. Inputs of the same name win."""

    fail_on: Literal["critical", "high", "medium", "low", "any", "none"] | None = Field(
        None, description="Lowest severity that fails. Default: `high`."
    )
    fail_on_unknown: bool | None = Field(
        None, description="Findings without a severity fail. Default: `true`, but `false` with `fail_on: none`."
    )
    expected: Words | None = Field(None, description="Scanners that must have reported completely.")
    max_age: Duration | None = Field(None, description="Oldest report that counts, such as `12h`.")
    only_new: bool | None = Field(None, description="Only what is new or worse against the baseline counts.")
    limits: LimitsConfig | None = Field(None, description="How many findings may stand.")
    approval: ApprovalsConfig | None = Field(None, description="Who must approve waivers, by severity.")
    waivers: tuple[WaiverConfig, ...] = Field((), description="Findings that do not count until a day.")
    licenses: LicensesConfig | None = Field(None, description="Which licences dependencies may have.")
    dependency_age: Duration | None = Field(
        None,
        description="How long a published advisory that has a fix may stay open, such as `30d`; then it fails whatever "
        "its severity.",
    )
    unaudited: Words | None = Field(
        None, description="Packages that no advisory data base has to know, such as one's own (globs over names)."
    )
    min_score: Score | None = Field(None, description="Lowest security score that passes, 0 to 100.")
