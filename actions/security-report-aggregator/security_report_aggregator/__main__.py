"""`python -m security_report_aggregator`, and the console script `security-report-aggregator`."""

from actionkit.start import start


def run() -> None:
    start("security_report_aggregator.action")


if __name__ == "__main__":
    run()
