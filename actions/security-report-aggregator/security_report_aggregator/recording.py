"""The records of weaknesses on the history branch: only trusted runs write them, however many run at once."""

from __future__ import annotations

from actionkit.commit_index import Records
from security_report_aggregator.record import dump_index, load_index

RECORDS = Records("security-report-aggregator", load_index, dump_index)
