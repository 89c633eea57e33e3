"""`.github/coverage-gate.yml` as a pydantic model: what may stand in it and what each key means.

Apart from `policy` because pydantic takes longer to import than a small report to judge.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from actionkit import values
from actionkit.config import using
from actionkit.errors import InputError
from actionkit.policy_types import Day, Glob, Globs, Part, Reason

_SUITE_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_OWNER_NAME = re.compile(r"@[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)?|[^@\s]+@[^@\s]+", re.ASCII)


def _folder(text: str) -> str:
    """A folder of the repository; "" and "." are its top."""
    return "" if text.strip() in ("", ".", "./") else values.relative_path(text)


def _prefix(text: str) -> str:
    if not text.strip():
        raise InputError("an empty path", "the start of a path as a report spells it", "Write `/build/src`.")
    return text


def _suite_name(text: str) -> str:
    if not _SUITE_NAME.fullmatch(text):
        raise InputError(f"{values.quoted(text)} is no suite name", "letters, digits, `_`, `.`, `-`", "Write `unit`.")
    return text


def _owner_name(text: str) -> str:
    if not _OWNER_NAME.fullmatch(text):
        accepted = "`@user`, `@org/team` or an email address, as in CODEOWNERS"
        raise InputError(f"{values.quoted(text)} is no owner", accepted, 'Write `"@org/team"`, in quotes.')
    return text


Percent = Annotated[Fraction, PlainValidator(using(values.percent), json_schema_input_type=float | str)]
Folder = Annotated[str, PlainValidator(using(_folder), json_schema_input_type=str)]
Prefix = Annotated[str, PlainValidator(using(_prefix), json_schema_input_type=str)]
SuiteName = Annotated[str, PlainValidator(using(_suite_name), json_schema_input_type=str)]
OwnerName = Annotated[str, PlainValidator(using(_owner_name), json_schema_input_type=str)]


class SuiteConfig(Part):
    """One suite: its reports and its own thresholds."""

    reports: Globs | None = Field(None, description="Globs of the suite's reports; or name them in input `reports`.")
    fail_under: Percent | None = Field(None, description="Lowest line coverage of the suite that passes.")
    fail_under_branch: Percent | None = Field(None, description="Lowest branch coverage of the suite that passes.")


class ComponentConfig(Part):
    """One part of the code base with thresholds of its own, over all suites."""

    name: Reason = Field(description="Shown in messages.")
    paths: Globs = Field(description="Globs over whole paths; `!glob` leaves out again.")
    fail_under: Percent | None = Field(None, description="Lowest line coverage of the component that passes.")
    fail_under_branch: Percent | None = Field(None, description="Lowest branch coverage of the component that passes.")
    fail_under_patch: Percent | None = Field(
        None, description="Lowest coverage of the component's changed lines that passes."
    )


class OwnerConfig(Part):
    """A floor for the files that CODEOWNERS gives to one owner."""

    fail_under: Percent | None = Field(None, description="Lowest line coverage of the owner's files that passes.")
    ratchet: bool = Field(False, description="Line coverage of the owner's files may not fall below the baseline's.")


class WaiverConfig(Part):
    """Files that may fail a threshold until a day."""

    paths: Globs = Field(description="Globs over whole paths.")
    until: Day = Field(description="The last day the waiver counts, such as 2027-03-31.")
    reason: Reason = Field(description="Why, for whoever reads it when it expires.")


class NewFilesConfig(Part):
    """What files that a change adds must reach."""

    fail_under: Percent = Field(description="Lowest line coverage of every file the change adds that passes.")


class ConfigFile(Part):
    """The policy of coverage-gate. Inputs of the same name win."""

    fail_under: Percent | None = Field(None, description="Lowest line coverage that passes, 0 to 100.")
    fail_under_branch: Percent | None = Field(None, description="Lowest branch coverage that passes.")
    fail_under_patch: Percent | None = Field(None, description="Lowest coverage of the changed lines that passes.")
    fail_under_file: Percent | None = Field(None, description="Lowest line coverage of any single file that passes.")
    max_drop: Percent | None = Field(
        None, description="How many percentage points line coverage may fall below the baseline."
    )
    ratchet: bool = Field(False, description="The same as `max_drop: 0`: line coverage never falls.")
    on_no_lines: Literal["pass", "fail", "incomplete"] | None = Field(
        None,
        description="What 0 of 0 means to a threshold. Default: it passes and is said, but a run whose reports hold no "
        "line at all, or a component that matches no file, is incomplete.",
    )
    suites: dict[SuiteName, SuiteConfig] = Field(default_factory=dict, description="Suites by name.")
    components: tuple[ComponentConfig, ...] = Field((), description="Parts of the code base with their own thresholds.")
    owners: dict[OwnerName, OwnerConfig] = Field(default_factory=dict, description="Floors by owner in CODEOWNERS.")
    ignore: tuple[Glob, ...] = Field((), description="Globs of files that do not count; `!glob` counts them again.")
    paths: dict[Prefix, Folder] = Field(
        default_factory=dict, description="Start of a path in a report: the folder of the repository it stands for."
    )
    waivers: tuple[WaiverConfig, ...] = Field((), description="Files that may fail until a day.")
    new_files: NewFilesConfig | None = Field(None, description="What files that a change adds must reach.")
