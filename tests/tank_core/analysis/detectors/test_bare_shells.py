"""A shell that is given to a connection is found in every language, and each of the two alone is not."""

from __future__ import annotations

import pytest

from benchmarks.scan.evading.other_languages import ACTS
from tank_core.analysis.detectors.remote_shells import remote_shells
from tests.support.sources import package_with

_IN_CODE = ("run.pl", "run.ps1", "run.lua", "Run.java", "run.cs", "run.rs", "run.go", "run.php", "socat.sh")


@pytest.mark.parametrize("name", _IN_CODE)
def test_shell_on_a_connection_is_found(name: str) -> None:
    assert list(remote_shells(package_with({name: ACTS["reverse shell"][name]})))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.go", 'c, _ := net.Dial("tcp", addr)\ncmd := exec.Command("sh", "-c", "make")\n'),
        ("a.go", 'cmd := exec.Command("/bin/sh")\n'),
        ("a.rs", 'let s = TcpStream::connect(a);\nCommand::new("sh").arg("-c").arg("ls");\n'),
        ("Run.java", 'new Socket("db", 5432);\nnew ProcessBuilder("git", "status");\n'),
        ("a.ps1", "$c = New-Object Net.Sockets.TcpClient($h, 443)\n$c.Connected\n"),
    ],
)
def test_one_of_the_two_is_no_reverse_shell(name: str, text: str) -> None:
    assert list(remote_shells(package_with({name: text}))) == []
