from __future__ import annotations

from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]

LEFT_OUT = {"cryptography"}
"""What `.ci/lock.sh` leaves out of the image, and why, is said there."""


def locked(name: str) -> dict[str, Requirement]:
    """The packages that a lock file names, by name."""
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line.rstrip("\\ ")) for line in lines if line[:1].isalpha()]
    return {canonicalize_name(pin.name): pin for pin in pins}


def asked_by(pin: Requirement) -> set[str]:
    """The packages that an installed package asks for here, with the extras every user of it asks for."""
    wanted = (Requirement(text) for text in requires(pin.name) or ())
    extras = {"crypto", ""} if pin.name.lower() == "pyjwt" else {""}
    return {
        canonicalize_name(one.name)
        for one in wanted
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras)
    }


def test_the_image_is_installed_without_resolving_so_its_lock_is_the_whole_list() -> None:
    pins = locked("runtime.txt")
    here = [pin for pin in pins.values() if pin.marker is None or pin.marker.evaluate()]
    asked = {name for pin in here for name in asked_by(pin)}
    assert asked - set(pins) == LEFT_OUT


def test_no_lock_names_an_index() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        assert not [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("--")]
