"""Deterministic big reports in text and data formats, for the benchmarks and for tests on linear behaviour.

python tests/bench/reports_text.py lcov big.info --lines 1000000 --files 20000
python tests/bench/reports_text.py data project/ --lines 60 --files 5000
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, TextIO


class Written(NamedTuple):
    """What the written report adds up to."""

    lines_covered: int
    lines: int
    branches_covered: int
    branches: int


def write_lcov(path: Path, lines: int, files: int) -> Written:
    """An LCOV tracefile as geninfo writes it: functions, branches, then lines. Same arguments, same bytes."""
    numbers = random.Random(42)
    base, more = divmod(lines, files)
    written = Written(0, 0, 0, 0)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for index in range(files):
            here = _lcov_record(file, index, base + (index < more), numbers)
            written = Written(*(one + other for one, other in zip(written, here, strict=True)))
    return written


def _lcov_record(file: TextIO, index: int, count: int, numbers: random.Random) -> Written:
    number, hits, taken = 0, 0, 0
    lines: list[str] = []
    branches: list[str] = []
    for _ in range(count):
        number += numbers.choice((1, 1, 1, 2, 3, 5))
        hit = numbers.randrange(1, 100_000) if numbers.random() < 0.8 else 0
        hits += hit > 0
        lines.append(f"DA:{number},{hit}\n")
        if numbers.random() < 0.02:
            outcome = numbers.randrange(2) if hit else 0
            taken += outcome
            branches += [f"BRDA:{number},0,0,{outcome}\n", f"BRDA:{number},0,1,0\n"]
    file.write(f"TN:\nSF:src/package{index % 100}/module{index}.cc\n")
    file.write(f"FN:1,function{index}\nFNDA:{hits},function{index}\nFNF:1\nFNH:1\n")
    file.writelines(branches)
    file.write(f"BRF:{len(branches)}\nBRH:{taken}\n")
    file.writelines(lines)
    file.write(f"LF:{count}\nLH:{hits}\nend_of_record\n")
    return Written(hits, count, taken, len(branches))


def write_project(folder: Path, statements: int, files: int) -> Path:
    """Python sources with branches, and the `.coverage` that running them under coverage.py really makes.

    Every module has a main part and functions of which some are called. Returns the data file.
    """
    package = folder / "package"
    package.mkdir(parents=True)
    numbers = random.Random(42)
    for index in range(files):
        (package / f"module{index}.py").write_text(_module(statements, numbers), encoding="utf-8")
    names = "".join(f"import package.module{index}\n" for index in range(files))
    (folder / "run_all.py").write_text(names, encoding="utf-8")
    data = folder / ".coverage"
    command = [sys.executable, "-m", "coverage", "run", "--rcfile=/dev/null", "--branch", f"--data-file={data.name}"]
    subprocess.run([*command, "--source=package", "run_all.py"], cwd=folder, check=True)
    return data


def _module(statements: int, numbers: random.Random) -> str:
    parts = ['"""A module made up for measuring."""\n']
    written = 0
    while written < statements:
        name = f"function{written}"
        bound = numbers.randrange(10)
        parts.append(
            f"\n\ndef {name}(value):\n"
            f"    total = 0\n"
            f"    for number in range(value):\n"
            f"        if number > {bound}:\n"
            f"            total += number\n"
            f"        else:\n"
            f"            total -= 1\n"
            f"    if total < 0:\n"
            f"        return -total\n"
            f"    return total\n"
        )
        written += 9
        if numbers.random() < 0.8:
            parts.append(f"\n\n{name}({numbers.randrange(12)})\n")
            written += 1
    return "".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("format", choices=("lcov", "data"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--lines", type=int, required=True, help="lines in all (lcov) or per file (data)")
    parser.add_argument("--files", type=int, required=True)
    asked = parser.parse_args()
    if asked.format == "lcov":
        print(write_lcov(asked.path, asked.lines, asked.files))
    else:
        print(write_project(asked.path, asked.lines, asked.files))


if __name__ == "__main__":
    main()
