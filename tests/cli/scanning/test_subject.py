"""What is scanned follows from what is there; a broken manifest never keeps anybody from looking."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from tank_cli.scanning.subject import NotScannableError, Subject, pending
from tank_core.archive import ArchiveEntry, ArchiveTooLargeError, pack
from tests.support.publishing_documents import write_skill

FRONT = "---\nname: {name}\ndescription: What it does.\n---\nText.\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def subjects(path: Path) -> dict[str, Subject]:
    return {item.path: item.read() for item in pending(path)}


def only(path: Path) -> Subject:
    found = subjects(path)
    assert list(found) == [""]
    return found[""]


def paths(subject: Subject) -> list[str]:
    return [entry.path for entry in subject.entries]


def test_a_skill_of_tank_s_has_its_name_and_its_declaration(tmp_path: Path) -> None:
    subject = only(write_skill(tmp_path / "notes"))
    assert (subject.label, subject.problems, subject.notes) == ("@acme/notes@1.0.0", (), ())
    assert subject.manifest is not None


def test_a_public_skill_is_scanned_with_nothing_declared_and_it_is_said(tmp_path: Path) -> None:
    subject = only(write(tmp_path / "pdf", {"SKILL.md": FRONT.format(name="pdf"), "run.py": "print()\n"}))
    assert (subject.label, subject.manifest, subject.problems) == ("pdf", None, ())
    assert any("nothing was compared" in note and "no skills.json" in note for note in subject.notes)
    assert paths(subject) == ["SKILL.md", "run.py"]


def test_a_folder_with_neither_is_scanned_as_files_and_it_is_said(tmp_path: Path) -> None:
    subject = only(write(tmp_path / "stuff", {"run.sh": "true\n"}))
    assert (subject.label, paths(subject)) == ("stuff", ["run.sh"])
    assert any("scanned as files" in note for note in subject.notes)


def test_a_broken_manifest_and_a_broken_skill_md_are_problems_of_a_package_that_is_read(
    tmp_path: Path,
) -> None:
    folder = write(
        tmp_path / "s", {"skills.json": "{", "SKILL.md": "no front matter\n", "run.py": "print()\n"}
    )
    subject = only(folder)
    assert paths(subject) == ["SKILL.md", "run.py", "skills.json"]
    assert subject.manifest is None
    assert {problem.where.split(":")[0] for problem in subject.problems} == {"skills.json", "SKILL.md"}
    assert any("skills.json cannot be used" in note for note in subject.notes)


def test_two_names_are_a_problem(tmp_path: Path) -> None:
    folder = write_skill(tmp_path / "notes")
    (folder / "SKILL.md").write_text(FRONT.format(name="other"))
    assert [problem.where for problem in only(folder).problems] == ["SKILL.md: name"]


def test_what_a_publish_would_refuse_is_a_problem_and_what_it_leaves_out_is_scanned_and_said(
    tmp_path: Path,
) -> None:
    folder = write_skill(tmp_path / "notes")
    write(folder, {".env": "A=1\n", "node_modules/a.js": "1\n"})
    subject = only(folder)
    assert paths(subject) == [".env", "SKILL.md", "node_modules/a.js", "skills.json"]
    assert any(".env, node_modules/a.js" in note for note in subject.notes)
    (folder / "link").symlink_to("SKILL.md")
    subject = only(folder)
    assert [problem.where for problem in subject.problems] == ["link"]
    assert [finding.rule_id for finding in subject.findings] == ["link-in-folder"]


def test_an_allow_list_hides_nothing(tmp_path: Path) -> None:
    folder = write_skill(tmp_path / "notes")
    manifest = json.loads((folder / "skills.json").read_text()) | {"files": []}
    write(folder, {"skills.json": json.dumps(manifest), "evil.sh": "true\n"})
    assert "evil.sh" in paths(only(folder))


def test_paths_that_no_package_may_have_are_problems(tmp_path: Path) -> None:
    folder = write(tmp_path / "s", {"SKILL.md": FRONT.format(name="s"), "a\u202eb.py": "1\n", "con": "1\n"})
    subject = only(folder)
    assert len(subject.problems) == 2
    assert len(paths(subject)) == 3


def test_a_folder_of_skills_is_scanned_one_by_one_and_the_rest_too(tmp_path: Path) -> None:
    skill = FRONT.format(name="a")
    write(
        tmp_path,
        {
            "README.md": "All.\n",
            "skills/b/SKILL.md": skill,
            "skills/a/SKILL.md": skill,
            "skills/a/nested/SKILL.md": skill,
            "skills/a-b/skill.md": skill,
            "skills/shared.sh": "true\n",
            ".git/HEAD": "x\n",
            "skills/a/.git/HEAD": "x\n",
        },
    )
    found = subjects(tmp_path)
    assert list(found) == ["skills/a", "skills/a-b", "skills/b", "."]
    assert paths(found["skills/a"]) == ["SKILL.md", "nested/SKILL.md"]
    assert paths(found["."]) == ["README.md", "skills/shared.sh"]
    assert any(note.startswith(".git was not read") for note in found["skills/a"].notes)
    assert any(note.startswith(".git was not read") for note in found["."].notes)
    assert any("skill.md in place of SKILL.md" in note for note in found["skills/a-b"].notes)


def test_a_git_folder_that_was_not_read_is_said_even_where_every_file_belongs_to_a_skill(
    tmp_path: Path,
) -> None:
    write(tmp_path, {".git/HEAD": "x\n", "a/SKILL.md": FRONT.format(name="a")})
    found = subjects(tmp_path)
    assert list(found) == ["a", "."]
    assert any(note.startswith(".git was not read") for note in found["."].notes)


def test_a_project_with_skills_below_is_a_folder_of_skills(tmp_path: Path) -> None:
    write(
        tmp_path, {"skills.json": '{"permissions": {}}', ".agents/skills/a/SKILL.md": FRONT.format(name="a")}
    )
    assert list(subjects(tmp_path)) == [".agents/skills/a", "."]


def test_a_manifest_alone_is_a_skill_that_lacks_its_skill_md(tmp_path: Path) -> None:
    folder = write_skill(tmp_path / "notes")
    (folder / "SKILL.md").unlink()
    assert any("No SKILL.md" in note for note in only(folder).notes)


def test_a_packed_archive_is_read_like_its_folder(tmp_path: Path) -> None:
    folder = write_skill(tmp_path / "notes")
    entries = [ArchiveEntry(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    (tmp_path / "notes-1.0.0.tgz").write_bytes(pack(entries))
    subject = only(tmp_path / "notes-1.0.0.tgz")
    assert (subject.label, subject.container) == ("@acme/notes@1.0.0", "notes-1.0.0.tgz")
    assert subject.entries == tuple(entries)


def test_a_single_file_is_scanned_as_one(tmp_path: Path) -> None:
    write(tmp_path, {"run.sh": "true\n"})
    subject = only(tmp_path / "run.sh")
    assert (subject.label, paths(subject)) == ("run.sh", ["run.sh"])


def foreign_archives() -> dict[str, bytes]:
    plain, zipped = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("SKILL.md"))
    with zipfile.ZipFile(zipped, "w") as other:
        other.writestr(zipfile.ZipInfo("SKILL.md"), "x")
    return {
        "a.tar": plain.getvalue(),
        "a.zip": zipped.getvalue(),
        "a.skill": zipped.getvalue(),
        "a.tar.gz": gzip.compress(plain.getvalue(), mtime=0),
        "half.tgz": gzip.compress(plain.getvalue(), mtime=0)[:20],
    }


@pytest.mark.parametrize(("name", "data"), foreign_archives().items())
def test_an_archive_of_another_kind_is_refused_and_never_passed(
    tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(NotScannableError) as caught:
        only(tmp_path / name)
    assert "Unpack it" in caught.value.fix


def test_an_archive_above_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.tgz").open("wb") as file:
        file.write(b"\x1f\x8b")
        file.truncate((32 << 20) + 1)
    with pytest.raises(ArchiveTooLargeError):
        only(tmp_path / "a.tgz")
