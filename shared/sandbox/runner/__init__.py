"""A twin of GitHub's runner for one step: it runs an action as the runner would and reports what GitHub would show.

Rules are those of actions/runner 2.336; each stands where it is applied. What a runner does with anything but a Docker
action's main stage (composite steps, problem matchers, pre and post) is left out.
"""

from sandbox.runner.container import Container
from sandbox.runner.events import Event
from sandbox.runner.manifest import ManifestError
from sandbox.runner.process import Cancellation, after
from sandbox.runner.runner import Runner
from sandbox.runner.shown import Annotation, Conclusion, Shown

__all__ = [
    "Annotation",
    "Cancellation",
    "Conclusion",
    "Container",
    "Event",
    "ManifestError",
    "Runner",
    "Shown",
    "after",
]
