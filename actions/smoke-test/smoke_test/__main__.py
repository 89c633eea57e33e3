"""`python -m smoke_test`, and the console script `smoke-test`."""

from actionkit.start import start


def run() -> None:
    start("smoke_test.action")


if __name__ == "__main__":
    run()
