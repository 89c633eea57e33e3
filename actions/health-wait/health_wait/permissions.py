"""What the job's token must be allowed to do, and by which use of the action. Pure."""

from __future__ import annotations

from actionkit import commenting

PERMISSIONS = (commenting.PERMISSION,)
