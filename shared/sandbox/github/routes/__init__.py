"""The operations that are served, one module per part of the REST documentation."""

from __future__ import annotations

from ..exchange import Route
from .account import ROUTES as ACCOUNT
from .actions import ROUTES as ACTIONS
from .code_scanning import ROUTES as CODE_SCANNING
from .comments import ROUTES as COMMENTS
from .commits import ROUTES as COMMITS
from .contents import ROUTES as CONTENTS
from .gitdata import ROUTES as GIT_DATA
from .issues import ROUTES as ISSUES
from .pulls import ROUTES as PULLS
from .repos import ROUTES as REPOSITORIES

ROUTES: tuple[Route, ...] = (
    *ACCOUNT,
    *REPOSITORIES,
    *CONTENTS,
    *COMMITS,
    *GIT_DATA,
    *PULLS,
    *ISSUES,
    *COMMENTS,
    *ACTIONS,
    *CODE_SCANNING,
)
