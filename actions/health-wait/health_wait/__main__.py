"""`python -m health_wait`, and the console script `health-wait`."""

from actionkit.start import start


def run() -> None:
    start("health_wait.action")


if __name__ == "__main__":
    run()
