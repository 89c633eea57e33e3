"""Files as documents: packed or not, in any Unicode, within limits."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionkit.errors import Unreadable
from actionkit.workspace import Workspace
from security_report_aggregator.document import Document
from security_report_aggregator.documents import FILE_LIMIT, documents

REPORT = json.dumps({"results": [], "note": "ä"}, ensure_ascii=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def opened(folder: Path, data: bytes, name: str = "report.json", label: str = "") -> list[Document | Unreadable]:
    (folder / name).write_bytes(data)
    return list(documents(Workspace(folder), name, label=label, key=b"key"))


def document(found: list[Document | Unreadable]) -> Document:
    (one,) = found
    assert isinstance(one, Document), one
    return one


def refusal(found: list[Document | Unreadable]) -> str:
    (one,) = found
    assert isinstance(one, Unreadable), one
    return str(one)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in members:
            # A fixed time: what a test is called by must not change from one worker of pytest to the next.
            entry = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            archive.writestr(entry, data, method)
    return made.getvalue()


def test_a_plain_file_is_one_document_with_its_label_and_key(folder: Path) -> None:
    found = document(opened(folder, REPORT.encode(), label="trivy"))
    assert (found.name, found.data, found.label, found.key) == ("report.json", REPORT.encode(), "trivy", b"key")


def test_a_missing_file_is_unreadable_and_not_raised(folder: Path) -> None:
    (one,) = documents(Workspace(folder), "no.json", label="", key=b"")
    assert isinstance(one, Unreadable)
    assert one.name == "no.json"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-16-le with mark", "utf-16-be with mark"]
)
def test_any_unicode_is_read_as_utf_8_without_a_mark(folder: Path, encoding: str) -> None:
    codec, with_mark, _ = encoding.partition(" with mark")
    data = (("\ufeff" if with_mark else "") + REPORT).encode(codec)
    assert document(opened(folder, data)).data == REPORT.encode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
@pytest.mark.parametrize("declared", ["utf-16", "UTF-16LE"])
def test_xml_in_utf_16_no_longer_says_so(folder: Path, encoding: str, declared: str) -> None:
    xml = f'<?xml version="1.0" encoding="{declared}"?><a>ä</a>'
    assert document(opened(folder, xml.encode(encoding))).data.startswith(b'<?xml version="1.0" encoding="utf-8"?><a>')


def test_long_utf_16_is_converted_whole(folder: Path) -> None:
    text = "[" + "ä😀" * 500_000 + "]"
    assert document(opened(folder, text.encode("utf-16"))).data == text.encode()


@pytest.mark.parametrize("data", [b"\xff\xfe[\x00]", b"\xfe\xff\xd8\x00\xd8\x00"])
def test_what_only_starts_like_utf_16_is_unreadable(folder: Path, data: bytes) -> None:
    assert "starts like UTF-16 but is not" in refusal(opened(folder, data))


@pytest.mark.parametrize("data", [b'{"c\xe9": 1}', b"\x00\x01\x02\x03\x04", b"[]", b"1\x00"])
def test_all_other_bytes_stay_as_they_are(folder: Path, data: bytes) -> None:
    assert document(opened(folder, data)).data == data


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe", gzip.compress(b"", mtime=0), "\ufeff \n".encode("utf-16-le")],
)
def test_an_empty_file_says_that_the_scanner_did_not_finish(folder: Path, data: bytes) -> None:
    expected = "report.json: is empty: the scanner that should have written it did not finish"
    assert refusal(opened(folder, data)) == expected


@pytest.mark.parametrize(
    ("name", "label", "said"),
    [
        ("trufflehog.json", "", "`2>&1`"),
        ("report.json", "trufflehog3", "`2>&1`"),
        ("noseyparker.jsonl", "", "`--format json`"),
        ("trufflehog.json", "trivy", "did not finish"),
    ],
)
def test_of_a_scanner_that_writes_nothing_for_nothing_it_says_what_to_do(
    folder: Path, name: str, label: str, said: str
) -> None:
    assert said in refusal(opened(folder, b"\n", name, label))


@pytest.mark.parametrize("name", ["report.json.gz", "report.json"])
def test_gzip_is_unpacked_whatever_its_name_is(folder: Path, name: str) -> None:
    found = document(opened(folder, gzip.compress(REPORT.encode()), name))
    assert (found.name, found.data) == (name, REPORT.encode())


def test_gzip_in_several_members_with_zeros_at_the_end_is_one_document(folder: Path) -> None:
    data = gzip.compress(b'{"a": ') + gzip.compress(b"1}") + b"\0" * 512
    assert document(opened(folder, data)).data == b'{"a": 1}'


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-20], "ends too early: truncated"),
        (lambda data: data[:-4], "ends too early: truncated"),
        (lambda data: data[:-8] + b"\0\0\0\0" + data[-4:], "damaged"),
        (lambda data: data + b"more", "damaged"),
        (lambda data: data[:12] + b"\xff\xff\xff" + data[15:], "damaged"),
        (lambda data: b"\x1f\x8b\x07" + data[3:], "damaged"),
        (gzip.compress, "an archive inside an archive"),
        (lambda data: gzip.compress(zipped(("a", data))), "an archive inside an archive"),
    ],
)
def test_damaged_or_nested_gzip_is_unreadable(folder: Path, damage: Callable[[bytes], bytes], said: str) -> None:
    data = gzip.compress(bytes(range(256)) * 4)
    assert said in refusal(opened(folder, damage(data)))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_every_file_in_a_zip_is_a_document_and_folders_are_none(folder: Path, method: int) -> None:
    data = zipped(("out/", b""), ("out/a.json", b"[1]"), ("b.json", REPORT.encode("utf-16")), method=method)
    found = opened(folder, data, "all.bin")
    assert [(one.name, one.data) for one in found if isinstance(one, Document)] == [
        ("all.bin!out/a.json", b"[1]"),
        ("all.bin!b.json", REPORT.encode()),
    ]


def test_what_people_pack_beside_reports_is_passed_over(folder: Path) -> None:
    beside = ("README.md", "docs/README", "LICENSE", "__MACOSX/out/._a.json", "out/.DS_Store")
    found = opened(folder, zipped(("out/a.json", b"[1]"), *((name, b"words") for name in beside)), "all.zip")
    assert [one.name for one in found] == ["all.zip!out/a.json"]
    assert "without any report in it" in refusal(opened(folder, zipped(("README.md", b"words")), "all.zip"))


@pytest.mark.parametrize("name", ["README.json", "a/readme.sarif", "LICENSE-report.txt"])
def test_whatever_may_be_a_report_is_opened(folder: Path, name: str) -> None:
    (found,) = opened(folder, zipped((name, b"[1]")), "all.zip")
    assert found.name == f"all.zip!{name}"


@pytest.mark.parametrize(
    "name", ["../a.json", "a/../../b", "/etc/a.json", "C:/a.json", "c:a", "a\\b.json", "..\\a", "a\0.json"]
)
def test_a_member_whose_name_leads_elsewhere_is_refused_by_name(folder: Path, name: str) -> None:
    entry = zipfile.ZipInfo("X" * len(name))
    data = zipped((entry, b"[1]"), ("good.json", b"[2]")).replace(b"X" * len(name), name.encode())
    bad, good = opened(folder, data, "a.zip")
    assert isinstance(bad, Unreadable)
    assert "is refused for its name" in bad.reason
    assert bad.name.startswith("a.zip!")
    assert "\0" not in bad.name
    assert isinstance(good, Document)
    assert good.data == b"[2]"


def with_mode(mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("link.json")
    entry.external_attr = mode << 16
    return entry


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zipped((with_mode(0o120777), b"/etc/passwd")), "is a link"),
        (zipped(("a.json", b"[1]" * 99), method=zipfile.ZIP_BZIP2), "another method than deflate"),
        (zipped(("a.json", b"[1]" * 99), method=zipfile.ZIP_LZMA), "another method than deflate"),
        (zipped(("a.json", gzip.compress(b"[]", mtime=0))), "an archive inside an archive"),
        (zipped(("a.json", zipped(("b", b"[]")))), "an archive inside an archive"),
        (zipped(("a.json", b"")), "is empty"),
        (zipped(("a/", b"")), "a zip without any report"),
        (zipped(), "a zip without any report"),
        (zipped(("a.json", b"[1]"))[:-10], "a damaged or truncated zip"),
        (zipped(("a.json", b"[1]"))[:40], "a damaged or truncated zip"),
        (zipped(("a.json", b"[1]"), method=zipfile.ZIP_STORED).replace(b"[1]", b"[2]"), "it is damaged: Bad CRC-32"),
        (zipped(("a.json", b"[1]")).replace(b"PK\x03\x04", b"PK\x03\x05").replace(b"PK\x03\x05", b"PK\x03\x04", 0), ""),
    ],
)
def test_what_no_packing_of_reports_makes_is_unreadable(folder: Path, data: bytes, said: str) -> None:
    if said:
        assert said in refusal(opened(folder, data, "a.zip"))
    else:
        # Without the magic at its start it is no zip, but some bytes.
        assert document(opened(folder, data, "a.zip")).data == data


def test_an_encrypted_member_is_unreadable(folder: Path) -> None:
    data = bytearray(zipped(("a.json", b"[1]"), method=zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted" in refusal(opened(folder, bytes(data), "a.zip"))


def test_a_member_twice_is_read_once_and_the_other_named(folder: Path) -> None:
    data = zipped(("a.json", b"[1]"), ("b.json", b"[2]")).replace(b"b.json", b"a.json")
    first, second = opened(folder, data, "a.zip")
    assert isinstance(first, Document)
    assert isinstance(second, Unreadable)
    assert "in the archive twice" in second.reason


def test_a_member_whose_header_contradicts_the_directory_is_unreadable(folder: Path) -> None:
    data = zipped(("a.json", b"[1]")).replace(b"a.json", b"c.json", 1)
    assert "it is damaged" in refusal(opened(folder, data, "a.zip"))


def test_a_zip_of_too_many_files_is_not_read(folder: Path) -> None:
    data = zipped(*((f"{number}.json", b"[]") for number in range(1001)))
    assert "holds more than 1,000 files" in refusal(opened(folder, data, "a.zip"))


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [packer.compress(b"0" * (1 << 20)) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


def zip_of_bomb(size: int) -> bytes:
    """A zip by hand, since zipfile would need the unpacked data."""
    packed = bomb(size)
    head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), size, 1, 0)
    local = b"PK\x03\x04" + head + b"a" + packed
    directory = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a"
    return local + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(local), 0)


def gzip_of_bomb(size: int) -> bytes:
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + bomb(size) + b"\0" * 8


class Measured(Workspace):
    """Forgets the memory that reading the file took, so that what is measured is the unpacking."""

    def read(self, path: str, limit: int = FILE_LIMIT) -> bytes:
        data = super().read(path, limit)
        tracemalloc.reset_peak()
        return data


@pytest.mark.parametrize("packed", [gzip_of_bomb, zip_of_bomb])
def test_a_bomb_ends_early_and_takes_little_memory(folder: Path, packed: Callable[[int], bytes]) -> None:
    (folder / "bomb").write_bytes(packed(512 << 20))
    tracemalloc.start()
    said = refusal(list(documents(Measured(folder), "bomb", label="", key=b"")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "a bomb, not a report" in said
    assert peak < FILE_LIMIT / 2


def test_an_archive_that_unpacks_to_too_much_in_all_is_read_up_to_there(folder: Path) -> None:
    # Packs to about a hundredth: no member is a bomb, and three are too much.
    unit = random.Random(1).randbytes(8000) + b"0" * (1 << 20)
    large = b"[" + unit * 96
    (folder / "a.zip").write_bytes(zipped(*((str(number), large) for number in range(3))))
    found = documents(Workspace(folder), "a.zip", label="", key=b"")
    assert [type(one).__name__ for one in (next(found), next(found))] == ["Document", "Document"]
    last = next(found)
    assert isinstance(last, Unreadable)
    assert str(last) == "a.zip: unpacks to more than 256 MiB, so it is not read"
    assert next(found, None) is None


def test_a_file_over_the_limit_is_not_read(folder: Path) -> None:
    with (folder / "large").open("wb") as file:
        file.truncate(FILE_LIMIT + 1)
    (one,) = documents(Workspace(folder), "large", label="", key=b"")
    assert isinstance(one, Unreadable)
    assert "is larger than" in one.reason


@given(data=st.data())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_damaged_archives_give_documents_or_reasons_and_nothing_else(folder: Path, data: st.DataObject) -> None:
    archive = zipped(("a.json", b"[1]" * 50), ("b/c.json", b"{}"))
    sources = st.sampled_from([archive, gzip.compress(REPORT.encode()), REPORT.encode("utf-16")])
    source = bytearray(data.draw(sources))
    for _ in range(data.draw(st.integers(1, 4))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(source)))
    for one in opened(folder, bytes(source[:cut]), "damaged"):
        assert isinstance(one, Document) or one.reason
