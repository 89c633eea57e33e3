"""The input `ca-bundle`: a file of the workspace with the certificate authorities to trust."""

from __future__ import annotations

from actionkit.errors import Complaint, Unreadable, UsageError
from actionkit.workspace import Workspace


def bundle(workspace: Workspace, path: str) -> str:
    """Where the file is on this machine; "" for none. Raises UsageError for one that cannot be used."""
    if not path:
        return ""
    from actionkit.web import tls
    from actionkit.web.failure import Failure

    place = str(workspace.root / path)
    try:
        workspace.read(path)
        tls.context(place, insecure=False)
    except (Unreadable, Failure) as error:
        fix = "Check the path, and that the step that writes the file runs before this one."
        raise UsageError([Complaint(f"input `ca-bundle`: {error}", fix, path=path)]) from None
    return place
