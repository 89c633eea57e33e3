"""What GitHub code scanning takes of one SARIF upload.

Sources: docs.github.com, "SARIF results exceed one or more limits", "SARIF results file is too large" and "SARIF
support for code scanning"; REST reference, "Upload an analysis as SARIF data". Over a MAX_ an upload is refused; over
a KEPT_ the rest is dropped without a word.
"""

MAX_GZIP_BYTES = 10_000_000
"""The pages do not say which megabyte, so it is the smaller one."""

MAX_RUNS = 20
MAX_RESULTS = 25_000
KEPT_RESULTS = 5_000
MAX_RULES = 25_000
MAX_EXTENSIONS = 100
MAX_LOCATIONS = 1_000
KEPT_LOCATIONS = 100
MAX_FLOW_LOCATIONS = 10_000
KEPT_FLOW_LOCATIONS = 1_000
MAX_TAGS = 20
KEPT_TAGS = 10

NAME_LENGTH = 255
"""Characters of a rule's name."""
TEXT_LENGTH = 1024
"""Characters of a rule's short and full description."""

LARGEST_NUMBER = 2**31 - 1
"""Of a line or column: what is larger is no file's."""
