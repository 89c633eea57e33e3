"""What an archive that anyone may have made can and cannot do."""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from actionkit.github.artifacts import unpack


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # duplicate names are written on purpose
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return buffer.getvalue()


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}\.[a-z]{3})?", fullmatch=True).filter(lambda name: ".." not in name),
        st.binary(max_size=200),
        max_size=5,
    )
)
def test_every_file_comes_out_as_it_went_in(files: dict[str, bytes]) -> None:
    assert unpack(zipped(*files.items()), "x") == files


def test_folders_are_no_files() -> None:
    assert unpack(zipped(("a/", b""), ("a/b.txt", b"1")), "x") == {"a/b.txt": b"1"}


@pytest.mark.parametrize("path", ["../up", "a/../../up", "/etc/passwd", "a\\..\\b", "C:x"])
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(Unreadable, match="artifact a: holds a file with the path"):
        unpack(zipped((path, b"1")), "artifact a")


def test_the_same_name_twice_is_refused() -> None:
    with pytest.raises(Unreadable, match="holds 'a' twice"):
        unpack(zipped(("a", b"1"), ("a", b"2")), "x")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(Unreadable, match="unpacks to more than 250 times its size"):
        unpack(zipped(("a", b"\0" * 20_000_000)), "x")


def test_a_declared_size_is_not_believed() -> None:
    data = bytearray(zipped(("a", b"\0" * 20_000_000)))
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    with pytest.raises(Unreadable):
        unpack(bytes(data), "x")


def test_many_files_and_much_data_are_refused() -> None:
    many = zipped(*((f"f{i}", b"") for i in range(10_001)))
    with pytest.raises(Unreadable, match="holds 10,001 files; at most 10,000 are read"):
        unpack(many, "x")
    stored = zipped(("a", b"\1" * 1_500_000), ("b", b"\1" * 1_500_000), method=zipfile.ZIP_STORED)
    with pytest.raises(Unreadable, match="more bytes than are read"):
        unpack(stored, "x", limit_bytes=2_000_000)
    assert set(unpack(stored, "x", limit_bytes=3_000_000)) == {"a", "b"}


def test_a_packing_github_never_uses_is_refused() -> None:
    with pytest.raises(Unreadable, match="packed in a way GitHub never uses"):
        unpack(zipped(("a", b"1" * 100), method=zipfile.ZIP_LZMA), "x")


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_no_bytes_are_a_crash(noise: bytes, position: int, patch: bytes) -> None:
    good = bytearray(zipped(("a/b.txt", b"hello" * 20)))
    good[position : position + len(patch)] = patch
    for data in (noise, bytes(good)):
        with contextlib.suppress(Unreadable):
            unpack(data, "x")


def test_a_damaged_stream_is_named() -> None:
    good = bytearray(zipped(("a", bytes(range(256)) * 20)))
    good[40:60] = b"\xff" * 20
    with pytest.raises(Unreadable, match=r"x: is not a zip archive that can be read \(error\)"):
        unpack(bytes(good), "x")
