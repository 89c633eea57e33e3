"""The records of coverage on the history branch: only trusted runs write them, however many run at once."""

from __future__ import annotations

from actionkit.commit_index import Records
from coverage_gate.baseline import dump_index, load_index

RECORDS = Records("coverage-gate", load_index, dump_index)
