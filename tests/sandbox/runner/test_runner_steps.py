"""A step as the runner runs it: what the action is given, and what is shown of what it did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.runner import Annotation, Conclusion, ManifestError, Shown, events
from sandbox.runner.expressions import Unsupported, fill

ENVIRON = "print('ENV ' + json.dumps(dict(os.environ)))"
PULL = events.pull_request(number=7, base_sha="b" * 40, head_sha="c" * 40, merge_sha="d" * 40)


def environ_of(shown: Shown) -> dict[str, str]:
    (line,) = (line for line in shown.log.splitlines() if line.startswith("ENV "))
    environ: dict[str, str] = json.loads(line.removeprefix("ENV "))
    return environ


class TestWhatTheActionIsGiven:
    def test_inputs_keep_their_hyphens_and_defaults_fill_the_gaps(self, tiny) -> None:
        environ = environ_of(tiny(ENVIRON, with_={"Two Words": "a b"}))
        assert environ["INPUT_FAIL-UNDER"] == "85"
        assert environ["INPUT_TWO_WORDS"] == "a b"
        assert environ["INPUT_WAIT"] == "true"
        assert environ["INPUT_OLD"] == ""

    def test_an_empty_input_replaces_the_default(self, tiny) -> None:
        assert environ_of(tiny(ENVIRON, with_={"fail-under": ""}))["INPUT_FAIL-UNDER"] == ""

    def test_the_token_comes_through_its_input_alone_and_is_masked(self, tiny) -> None:
        shown = tiny(
            """
            token = os.environ["INPUT_GITHUB-TOKEN"]
            print(len(token), token, [name for name, value in os.environ.items() if token in value])
            """,
            runner=tiny.runner(token="ghs_a_token_of_this_job"),
        )
        assert "23 *** ['INPUT_GITHUB-TOKEN']" in shown.log
        assert "ghs_a_token" not in shown.log

    def test_the_variables_describe_the_run(self, tiny) -> None:
        runner = tiny.runner(github_api_url="http://127.0.0.1:1/api/v3", server_url="http://127.0.0.1:1")
        environ = environ_of(tiny(ENVIRON, on=PULL, runner=runner))
        assert environ["GITHUB_EVENT_NAME"] == "pull_request"
        assert environ["GITHUB_SHA"] == "d" * 40
        assert environ["GITHUB_REF"] == "refs/pull/7/merge"
        assert environ["GITHUB_HEAD_REF"] == "feature"
        assert environ["GITHUB_REF_PROTECTED"] == "false"
        assert environ["GITHUB_API_URL"] == "http://127.0.0.1:1/api/v3"
        assert environ["GITHUB_GRAPHQL_URL"] == "http://127.0.0.1:1/api/graphql"
        assert environ["GITHUB_ACTIONS"] == environ["CI"] == "true"
        assert environ["RUNNER_OS"] == "Linux"
        assert "RUNNER_DEBUG" not in environ

    def test_debugging_is_told(self, tiny) -> None:
        assert environ_of(tiny(ENVIRON, runner=tiny.runner(debug=True)))["RUNNER_DEBUG"] == "1"

    def test_the_payload_is_in_a_file(self, tiny) -> None:
        shown = tiny("print(json.load(open(os.environ['GITHUB_EVENT_PATH']))['number'])", on=PULL)
        assert "\n7\n" in shown.log

    def test_the_action_starts_in_the_workspace_with_a_home_of_the_jobs_own(self, tiny, tmp_path) -> None:
        shown = tiny("print(os.getcwd(), os.environ['HOME'])", temp=tmp_path / "temp")
        assert f"{tiny.workspace.resolve()} {(tmp_path / 'temp' / '_github_home').resolve()}" in shown.log

    def test_the_jobs_environment_comes_in_but_cannot_pose_as_github(self, tiny, monkeypatch) -> None:
        monkeypatch.setenv("OF_THIS_MACHINE", "1")
        environ = environ_of(tiny(ENVIRON, env={"STAGE": "test", "GITHUB_SHA": "mine", "CI": "1"}))
        assert (environ["STAGE"], environ["CI"]) == ("test", "1")
        assert environ["GITHUB_SHA"] == "a" * 40
        assert "OF_THIS_MACHINE" not in environ

    def test_arguments_and_variables_of_the_action_see_its_inputs(self, tiny) -> None:
        tiny.declare(
            """
            inputs: {who: {default: you}}
            runs:
              using: docker
              image: Dockerfile
              args: ["--to", "${{ inputs.who }}"]
              env: {GREETING: "hi ${{ inputs.who }}"}
            """
        )
        assert "['--to', 'me'] hi me" in tiny("print(sys.argv[1:], os.environ['GREETING'])", with_={"who": "me"}).log


class TestWhatIsShown:
    def test_a_step_that_ends_with_0_is_green(self, prints) -> None:
        shown = prints("hello")
        assert (shown.exit_code, shown.conclusion) == (0, Conclusion.SUCCESS)
        assert shown.log.splitlines()[-1] == "hello"
        assert shown.duration_seconds > 0

    def test_any_other_exit_code_is_red(self, tiny) -> None:
        shown = tiny("sys.exit(3)")
        assert (shown.exit_code, shown.conclusion) == (3, Conclusion.FAILURE)

    def test_both_streams_are_read_for_commands(self, tiny) -> None:
        shown = tiny("print('::error::out', flush=True); print('::warning file=a.py::err', file=sys.stderr)")
        assert set(shown.annotations) == {Annotation("error", "out"), Annotation("warning", "err", path="a.py")}
        assert (shown.errors, shown.warnings) == (("out",), ("err",))

    def test_a_lone_carriage_return_starts_a_line_that_may_be_a_command(self, tiny) -> None:
        assert tiny(r"print('progress 10 %\r::error::hidden')").errors == ("hidden",)

    def test_bytes_that_are_not_utf_8_do_not_end_the_log(self, tiny) -> None:
        assert "caf\ufffd" in tiny("sys.stdout.buffer.write(b'caf\\xe9\\n')").log

    def test_a_file_named_by_its_full_path_is_shown_relative_to_the_workspace(self, tiny) -> None:
        shown = tiny(
            "print(f'::error file={os.getcwd()}/src/a.py::x'); print('::error file=/github/workspace/b.py::y')"
        )
        assert [annotation.path for annotation in shown.annotations] == ["src/a.py", "b.py"]

    def test_outputs_state_environment_and_paths_are_collected(self, tiny) -> None:
        shown = tiny(
            """
            def put(name, text): pathlib.Path(os.environ[name]).write_text(text)
            put("GITHUB_OUTPUT", "verdict=pass\\nheadline<<E\\ntwo\\nlines\\nE\\n")
            put("GITHUB_STATE", "started=1\\n")
            put("GITHUB_ENV", "STAGE=prod\\n")
            put("GITHUB_PATH", "/opt/bin\\n")
            """
        )
        assert shown.outputs == {"verdict": "pass", "headline": "two\nlines"}
        assert shown.state == {"started": "1"}
        assert shown.environment == {"STAGE": "prod"}
        assert shown.paths == ("/opt/bin",)

    def test_a_malformed_output_fails_a_step_that_ended_with_0(self, tiny) -> None:
        shown = tiny("pathlib.Path(os.environ['GITHUB_OUTPUT']).write_text('two\\nlines\\n')")
        assert (shown.exit_code, shown.conclusion) == (0, Conclusion.FAILURE)
        assert shown.errors == ("Unable to process file command 'output' successfully.", "Invalid format 'two'")
        assert shown.outputs == {}

    def test_an_output_with_a_secret_in_it_does_not_become_an_output_of_the_job(self, tiny) -> None:
        shown = tiny(
            "pathlib.Path(os.environ['GITHUB_OUTPUT']).write_text('a=1\\nb=my hunter2\\n')", secrets=("hunter2",)
        )
        assert shown.outputs == {"a": "1", "b": "my hunter2"}
        assert shown.job_outputs == {"a": "1"}

    def test_the_summary_is_shown_masked(self, tiny) -> None:
        shown = tiny("pathlib.Path(os.environ['GITHUB_STEP_SUMMARY']).write_text('# hunter2')", secrets=("hunter2",))
        assert shown.summary == "# ***"

    def test_a_summary_over_a_mebibyte_is_dropped_whole_and_the_step_stays_green(self, tiny) -> None:
        shown = tiny("pathlib.Path(os.environ['GITHUB_STEP_SUMMARY']).write_bytes(b'x' * (1024 * 1024 + 1))")
        assert (shown.summary, shown.summary_dropped, shown.conclusion) == ("", True, Conclusion.SUCCESS)
        assert "supports content up to a size of 1024k" in shown.errors[0]

    def test_an_unknown_input_is_only_warned_of(self, prints) -> None:
        shown = prints("hello", with_={"fail_under": "90", "args": "", "ENTRYPOINT": ""})
        assert shown.conclusion == Conclusion.SUCCESS
        assert shown.warnings == (
            "Unexpected input(s) 'fail_under', "
            "valid inputs are ['fail-under', 'github-token', 'two words', 'old', 'wait']",
        )

    def test_a_deprecated_input_is_warned_of_where_it_is_used(self, prints) -> None:
        assert prints("hello", with_={"Old": "x"}).warnings == (
            "Input 'Old' has been deprecated with message: use fail-under",
        )

    def test_the_inputs_and_the_environment_are_in_the_log(self, prints) -> None:
        shown = prints("hello", env={"STAGE": "test", "EMPTY": ""}, with_={"old": ""})
        opening = shown.log.partition("##[endgroup]")[0].splitlines()
        assert opening[-7:] == [
            "##[group]Run ./tiny",
            "with:",
            "  fail-under: 85",
            "  github-token: ***",
            "  wait: true",
            "env:",
            "  STAGE: test",
        ]

    def test_groups_are_listed(self, prints) -> None:
        assert prints("::group::Reading", "::endgroup::").groups == ("Reading",)

    def test_one_value_of_128_kib_is_more_than_a_program_can_be_started_with(self, prints) -> None:
        shown = prints("hello", with_={"old": "x" * 128 * 1024})
        assert (shown.exit_code, shown.conclusion) == (None, Conclusion.FAILURE)
        assert "Argument list too long" in shown.errors[0]


class TestActionsThatCannotBeRun:
    @pytest.mark.parametrize(
        ("action_yml", "reason"),
        [
            ("runs: {using: node20, main: a.js}", "runs Docker actions only"),
            ("runs: {using: docker}", "image is missing"),
            ("runs: [", "expected"),
            ("just text", "runs Docker actions only"),
        ],
    )
    def test_an_action_yml_that_is_not_a_docker_actions(self, tiny, action_yml: str, reason: str) -> None:
        tiny.declare(action_yml)
        with pytest.raises(ManifestError, match=reason):
            tiny("")

    def test_a_folder_without_an_action_yml(self, tiny) -> None:
        (tiny.folder / "action.yml").unlink()
        with pytest.raises(ManifestError, match=r"Can't find 'action\.yml'"):
            tiny("")

    def test_an_action_yaml_will_do(self, tiny) -> None:
        (tiny.folder / "action.yml").rename(tiny.folder / "action.yaml")
        assert tiny("").exit_code == 0


CONTEXTS = {"github": {"token": "t", "event": {"number": 7, "draft": False, "labels": []}}}


class TestExpressions:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("plain", "plain"),
            ("${{ github.token }}", "t"),
            ("#${{github.event.number}}!", "#7!"),
            ("${{ github.event.draft }}", "false"),
            ("${{ github.event.labels }} ${{ github.event }}", "Array Object"),
            ("${{ github.nothing.at.all }}", ""),
            ("${{ github.token.deeper }}", ""),
        ],
    )
    def test_a_path_is_replaced_by_what_it_leads_to(self, text: str, value: str) -> None:
        assert fill(text, CONTEXTS) == value

    @pytest.mark.parametrize("text", ["${{ github.token || 'x' }}", "${{ format('{0}', 1) }}", "${{ }}"])
    def test_anything_more_is_refused_rather_than_guessed(self, text: str) -> None:
        with pytest.raises(Unsupported, match="only paths"):
            fill(text, CONTEXTS)


def test_the_script_of_an_entrypoint_is_the_installed_one_of_its_name() -> None:
    from sandbox.runner.runner import installed_script

    argv = installed_script("/usr/local/bin/coverage-gate")
    assert list(argv[1:3]) == ["-I", "-u"]
    assert Path(argv[3]).name == "coverage-gate"
