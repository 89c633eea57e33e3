"""The part of SARIF 2.1.0 that code scanning reads, as types. What is missing here it ignores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

Level = Literal["none", "note", "warning", "error"]


class SarifFormatError(ValueError):
    """The document is no JSON, or a field has the wrong type; `raw` is the JSON, None where it is none."""

    def __init__(self, reason: str, raw: Any = None) -> None:
        super().__init__(f"parsing restricted subset of SARIF data has failed: {reason}")
        self.raw = raw


class _Part(BaseModel):
    """Strict, because a number for a string is refused ("parse error: expected string"), and deaf to other fields."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", alias_generator=to_camel)


class Message(_Part):
    text: str | None = None


class ArtifactLocation(_Part):
    uri: str | None = None


class Region(_Part):
    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None

    def numbers(self) -> Iterator[tuple[str, int | None]]:
        """Every field by its name in SARIF."""
        for name, value in self:
            yield to_camel(name), value


class PhysicalLocation(_Part):
    artifact_location: ArtifactLocation = ArtifactLocation()
    region: Region = Region()


class Location(_Part):
    physical_location: PhysicalLocation | None = None


class ThreadFlow(_Part):
    locations: list[dict[str, Any]] = []


class CodeFlow(_Part):
    thread_flows: list[ThreadFlow] = []


class ComponentReference(_Part):
    index: int | None = Field(default=None, ge=0)


class RuleReference(_Part):
    id: str | None = None
    index: int | None = None
    tool_component: ComponentReference = ComponentReference()


class Result(_Part):
    rule_id: str | None = None
    rule_index: int | None = None
    rule: RuleReference = RuleReference()
    level: Level | None = None
    message: Message = Message()
    locations: list[Location] = []
    partial_fingerprints: dict[str, str] = {}
    code_flows: list[CodeFlow] = []


class RuleProperties(_Part):
    tags: list[str] = []
    security_severity: str | None = Field(default=None, alias="security-severity")


class RuleConfiguration(_Part):
    level: Level | None = None


class Rule(_Part):
    id: str | None = None
    default_configuration: RuleConfiguration = RuleConfiguration()
    properties: RuleProperties = RuleProperties()


class Component(_Part):
    name: str | None = None
    version: str | None = None
    semantic_version: str | None = None
    guid: str | None = None
    rules: list[Rule] = []


class Tool(_Part):
    driver: Component = Component()
    extensions: list[Component] = []


class AutomationDetails(_Part):
    id: str | None = None


class Invocation(_Part):
    execution_successful: bool | None = None
    working_directory: ArtifactLocation = ArtifactLocation()


class Run(_Part):
    tool: Tool = Tool()
    results: list[Result] | None = None
    automation_details: AutomationDetails = AutomationDetails()
    invocations: list[Invocation] = []


class Log(_Part):
    version: str | None = None
    runs: list[Run] = []


def read(document: bytes) -> tuple[Any, Log]:
    """The document as JSON and as types. Raises SarifFormatError."""
    try:
        raw = from_json(document, allow_inf_nan=False)
    except ValueError as error:
        raise SarifFormatError(f"parse error: {error}") from error
    try:
        return raw, Log.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "document"
        raise SarifFormatError(f"parse error: {where}: {first['msg']}", raw) from error
