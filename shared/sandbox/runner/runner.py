"""The runner itself: one step of a job, from its action.yml to what GitHub would show of it."""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.hosts import Hosts, with_hosts
from sandbox.runner import manifest, process, surroundings
from sandbox.runner.console import Console
from sandbox.runner.container import Container, container_name
from sandbox.runner.events import Event
from sandbox.runner.filecommands import SUMMARY_LIMIT, FileCommands, MalformedFileCommand
from sandbox.runner.manifest import Manifest
from sandbox.runner.process import Cancellation, Ended, Program
from sandbox.runner.shown import Conclusion, Shown
from sandbox.runner.surroundings import Folders


def installed_script(entrypoint: str) -> Sequence[str]:
    """The console script of this Python's environment that bears the entrypoint's name, isolated as in the image."""
    return (sys.executable, "-I", "-u", str(Path(sysconfig.get_path("scripts")) / Path(entrypoint).name))


@dataclass(frozen=True, slots=True)
class _Step:
    """What the workflow says of the step: the action, where it runs, its `with:` and the job's `env:`."""

    manifest: Manifest
    folders: Folders
    given: Mapping[str, str]
    job: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs the actions in `actions` as steps of a job.

    `github_api_url` and `server_url` are where the action finds GitHub. `token` is the job's `github.token`: masked,
    and handed over only by inputs that default to it. `script` says what stands on this machine for an image's
    entrypoint. `debug` is the repository's ACTIONS_STEP_DEBUG. `hosts` are names that the machine, or the container,
    resolves to these addresses.
    """

    actions: Path
    github_api_url: str = "https://api.github.com"
    server_url: str = "https://github.com"
    token: str = "ghs_made_up_for_the_twin"  # noqa: S105 - opens nothing
    script: Callable[[str], Sequence[str]] = installed_script
    debug: bool = False
    hosts: Hosts = field(default_factory=dict)

    def run(
        self,
        action: str,
        *,
        on: Event,
        workspace: Path,
        with_: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        container: Container | None = None,
        cancel: Cancellation | None = None,
        temp: Path | None = None,
    ) -> Shown:
        """Run `action` with the inputs `with_` and the job's `env`, as a process, or in a `container`.

        `secrets` are values masked besides the token. `temp` is RUNNER_TEMP (default: a folder that is removed
        again). Raises ManifestError and expressions.Unsupported for an action that the twin cannot run; what the
        action does wrong is in the result.
        """
        loaded = manifest.load(self.actions / action)
        with tempfile.TemporaryDirectory(prefix="runner-") as own:
            step = _Step(loaded, Folders(workspace.resolve(), (temp or Path(own)).resolve()), with_ or {}, env or {})
            return self._run(
                step, on, Console((self.token, *secrets), step.folders.relative, debug=self.debug), container, cancel
            )

    def _run(
        self, step: _Step, event: Event, console: Console, container: Container | None, cancel: Cancellation | None
    ) -> Shown:
        step.folders.create()
        files = FileCommands.create(step.folders.file_commands)
        contexts = self._contexts(event, step)
        inputs = step.manifest.inputs(step.given, contexts)
        environ = surroundings.environment(
            inputs=inputs,
            github=contexts["github"],
            runner=contexts["runner"],
            files=files.paths,
            job={**step.manifest.environment(inputs), **step.job},
            home=step.folders.home,
        )
        _announce(console, step, inputs)
        started = time.monotonic()
        ended = self._execute(step, step.manifest.arguments(inputs), environ, container, cancel, console)
        return _shown(console, files, ended, time.monotonic() - started)

    def _contexts(self, event: Event, step: _Step) -> dict[str, Any]:
        return {
            "github": surroundings.github_context(
                event,
                step.folders,
                token=self.token,
                api_url=self.github_api_url,
                server_url=self.server_url,
                action_path=step.manifest.folder,
            ),
            "runner": surroundings.runner_context(step.folders, debug=self.debug),
        }

    def _execute(
        self,
        step: _Step,
        args: tuple[str, ...],
        environ: Mapping[str, str],
        container: Container | None,
        cancel: Cancellation | None,
        console: Console,
    ) -> Ended | None:
        """How the program ended; None where it could not be started."""
        name = container_name()
        if container is None:
            script = self.script(step.manifest.entrypoint)
            argv = (*(with_hosts(script, self.hosts) if self.hosts else script), *args)
            machine = _of_this_machine(measured=cancel is None)
            program = Program(argv, {**machine, **environ}, step.folders.workspace)
        else:
            image = container.image_for(step.manifest)
            entrypoint = step.manifest.entrypoint
            program = container.program(name, image, entrypoint, args, environ, step.folders, self.hosts)
        try:
            return process.run(program, console.feed, cancel)
        except OSError as error:
            console.fail(f"An error occurred trying to start process '{program.argv[0]}'. {error.strerror}")
            return None
        finally:
            if container is not None:
                container.remove(name)


def _of_this_machine(*, measured: bool) -> dict[str, str]:
    """What a process needs and an image has of its own: PATH. A measurement of the tests goes on in their steps.

    Not in a step to be cancelled: an interrupt that is raised while coverage.py holds the lock of its data leaves it
    locked, and the step waits for it for ever.
    """
    names = ("PATH", "COVERAGE_PROCESS_CONFIG") if measured else ("PATH",)
    return {name: os.environ[name] for name in names if name in os.environ}


def _announce(console: Console, step: _Step, inputs: Mapping[str, str]) -> None:
    """What the runner prints and warns of before the step starts."""
    unexpected = step.manifest.unexpected(step.given)
    if unexpected:
        named = ", ".join(f"'{name}'" for name in unexpected)
        valid = ", ".join(f"'{name}'" for name in step.manifest.defaults)
        console.warn(f"Unexpected input(s) {named}, valid inputs are [{valid}]")
    for name, message in step.manifest.deprecated(step.given):
        console.warn(f"Input '{name}' has been deprecated with message: {message}")
    console.say(f"##[group]Run ./{step.manifest.folder.name}")
    for title, values in (("with:", inputs), ("env:", step.job)):
        if any(values.values()):
            console.say(title)
        for name, value in values.items():
            if value:
                console.say(f"  {name}: {value}")
    console.say("##[endgroup]")


def _shown(console: Console, files: FileCommands, ended: Ended | None, seconds: float) -> Shown:
    """Read the file commands, which the runner does however the step ended, and put everything together."""
    environment = _pairs(console, files, "GITHUB_ENV")
    summary = files.summary()
    if summary is None:
        console.complain(
            f"$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of {SUMMARY_LIMIT // 1024}k"
        )
    state = _pairs(console, files, "GITHUB_STATE")
    outputs = {**console.outputs, **_pairs(console, files, "GITHUB_OUTPUT")}
    failed = console.failed or ended is None or ended.exit_code != 0
    cancelled = ended is not None and ended.cancelled
    return Shown(
        exit_code=ended.exit_code if ended else None,
        conclusion=Conclusion.CANCELLED if cancelled else Conclusion.FAILURE if failed else Conclusion.SUCCESS,
        log=console.log,
        duration_seconds=seconds,
        outputs=outputs,
        job_outputs={name: value for name, value in outputs.items() if console.mask(value) == value},
        annotations=tuple(console.kept),
        dropped_annotations=tuple(console.dropped),
        summary=console.mask(summary or ""),
        summary_dropped=summary is None,
        groups=tuple(console.groups),
        state={**console.state, **state},
        environment=environment,
        paths=files.added_paths(),
    )


def _pairs(console: Console, files: FileCommands, variable: str) -> dict[str, str]:
    try:
        return files.pairs(variable)
    except MalformedFileCommand as error:
        console.fail(f"Unable to process file command '{variable.removeprefix('GITHUB_').lower()}' successfully.")
        console.complain(str(error))
        return {}
