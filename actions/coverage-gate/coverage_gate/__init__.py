"""coverage-gate: judges the test coverage of a run, and says when it cannot be judged."""
