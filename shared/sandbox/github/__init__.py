"""An embedded, stateful GitHub REST API. `EmbeddedGitHub` is the door; everything else hangs on it."""

from .hub import EmbeddedGitHub
from .model import Artifact, Comment, Issue, PullRequest, WorkflowRun
from .repository import Repository
from .site import ACTIONS_BOT, Limits
from .tokens import Token

__all__ = [
    "ACTIONS_BOT",
    "Artifact",
    "Comment",
    "EmbeddedGitHub",
    "Issue",
    "Limits",
    "PullRequest",
    "Repository",
    "Token",
    "WorkflowRun",
]
