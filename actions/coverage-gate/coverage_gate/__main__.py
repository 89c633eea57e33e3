"""`python -m coverage_gate`, and the console script `coverage-gate`."""

from actionkit.start import start


def run() -> None:
    start("coverage_gate.action")


if __name__ == "__main__":
    run()
