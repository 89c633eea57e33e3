"""`python -m sandbox.demo --out FOLDER`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from sandbox.demo import page, scenes
from sandbox.demo.scene import Scene


def main() -> int:
    parser = argparse.ArgumentParser(prog="sandbox.demo", description="Play the actions on the embedded GitHub.")
    parser.add_argument("--out", type=Path, default=Path(".demo"), help="folder for the page (default: .demo)")
    out: Path = parser.parse_args().out
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    played: list[Scene] = []
    with tempfile.TemporaryDirectory(prefix="demo-") as work:
        for scene in scenes.play(Path(work)):
            if not played or played[-1].action != scene.action:
                sys.stdout.write(f"{scene.action}\n")
            verdict = scene.shown.outputs.get("verdict", "no verdict")
            sys.stdout.write(
                f"  {verdict:<11} {scene.title}: {scene.shown.outputs.get('headline', scene.shown.log[-2000:])}\n"
            )
            played.append(scene)
    sys.stdout.write(f"\nLook at {page.write(played, out)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
