"""The ceremony by its command line, on plain files, and what the registry accepts of it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import Metadata, Root

from chalicelib.adapters.tuf.authority import CeremonyRefusedError, read_authority, require_fit
from chalicelib.adapters.tuf.metadata import online_key
from chalicelib.ports.index_state import IndexStanding, TrustedFile
from infra.ceremony.__main__ import main
from infra.ceremony.folder import Ceremony
from infra.ceremony.keys import CeremonyError, new_key, signer_of
from infra.ceremony.roles import RoleKeys, composed_root
from tank_core import tuf_layout
from tests.support.memory_index import OfflineKeys, signed_ceremony
from tests.support.memory_ports import MemorySigner

NOW = 1_750_000_000


@dataclasses.dataclass(slots=True)
class Table:
    """What lies on the table of a ceremony."""

    folder: Path
    say: Callable[[], tuple[str, str]]
    online: MemorySigner = dataclasses.field(default_factory=MemorySigner)

    def key(self, name: str, passphrase: str = "") -> Path:
        words = ["key", str(self.folder / name)]
        if passphrase:
            secret = self.folder / f"{name}.secret"
            secret.write_text(passphrase + "\nnot this line\n")
            words += ["--passphrase-file", str(secret)]
        assert main(words) == 0
        return self.folder / name

    def index_key(self, signer: MemorySigner | None = None) -> str:
        path = self.folder / "index.pub"
        path.write_text((signer or self.online).public_key_pem())
        return str(path)

    def contents(self) -> str:
        folder = self.folder / "contents"
        (folder / "sigstore").mkdir(parents=True, exist_ok=True)
        (folder / "registry.json").write_text('{"registry": "https://registry.example"}')
        (folder / "sigstore" / "trusted_root.json").write_text("{}")
        return str(folder)

    @property
    def signed(self) -> str:
        return str(self.folder / "signed")

    def run(self, *words: str | Path) -> int:
        return main([str(word) for word in words])

    def init(self, roots: list[Path], targets: Path, *more: str | Path) -> int:
        public = [word for key in roots for word in ("--root-key", f"{key}.pub")]
        return self.run(
            "init",
            self.signed,
            *public,
            "--targets-key",
            f"{targets}.pub",
            "--index-key",
            self.index_key(),
            *more,
        )


@pytest.fixture
def table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Table:
    return Table(tmp_path, lambda: tuple(capsys.readouterr()))


def test_a_ceremony_from_keys_to_what_a_registry_accepts(table: Table) -> None:
    root, targets = table.key("root"), table.key("targets")
    assert table.init([root], targets, "--sign-with", root) == 0
    assert "targets are" not in table.say()[0]
    assert table.run("targets", table.signed, "--contents", table.contents(), "--sign-with", targets) == 0
    assert table.run("verify", table.signed) == 0
    said = table.say()[0]
    authority = Ceremony(Path(table.signed)).authority()
    require_fit(authority, online_key(table.online), now=NOW)
    assert f"Fingerprint: {tuf_layout.root_fingerprint(authority.root_bytes)}" in said
    assert sorted(authority.targets.targets) == ["registry.json", "sigstore/trusted_root.json"]
    names = [re.sub("[0-9a-f]{64}", "HEX", name) for name in Ceremony(Path(table.signed)).files()]
    assert sorted(names) == [
        "targets/HEX.registry.json",
        "targets/sigstore/HEX.trusted_root.json",
        "tuf/1.root.json",
        "tuf/1.targets.json",
    ]


def test_a_private_key_is_its_owners_only_and_never_replaced(table: Table) -> None:
    path = table.key("root")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert table.run("key", path) == 1
    assert path.read_bytes() == before


def test_an_encrypted_key_signs_with_its_passphrase_only(table: Table) -> None:
    path = table.key("root", "correct horse")
    assert b"ENCRYPTED" in path.read_bytes()
    for wrong in (None, b"wrong"):
        with pytest.raises(CeremonyError, match="passphrase is missing or wrong"):
            signer_of(path.read_bytes(), passphrase=wrong)
    assert signer_of(path.read_bytes(), passphrase=b"correct horse").public_key.keytype == "ed25519"


def test_two_people_sign_one_after_the_other(table: Table) -> None:
    ada, grace, targets = table.key("ada"), table.key("grace"), table.key("targets")
    assert table.init([ada, grace], targets, "--root-threshold", "2", "--sign-with", ada) == 0
    table.run("targets", table.signed, "--contents", table.contents(), "--sign-with", targets)
    table.say()
    assert table.run("verify", table.signed) == 1
    assert "root version 1 is not signed by the threshold" in table.say()[1]
    assert table.run("sign", table.signed, "root", "--sign-with", grace) == 0
    assert table.run("verify", table.signed) == 0


def test_a_new_root_needs_the_old_keys_and_the_new(table: Table) -> None:
    old, new, targets = table.key("old"), table.key("new"), table.key("targets")
    table.init([old], targets, "--sign-with", old)
    table.run("targets", table.signed, "--contents", table.contents(), "--sign-with", targets)
    assert table.run("root", table.signed, "--root-key", f"{new}.pub", "--sign-with", new) == 0
    assert table.run("verify", table.signed) == 1
    assert table.run("sign", table.signed, "root", "--sign-with", old) == 0
    assert table.run("verify", table.signed) == 0
    assert Ceremony(Path(table.signed)).authority().root.version == 2


def test_a_new_targets_key_makes_new_targets_necessary(table: Table) -> None:
    root, old, new = table.key("root"), table.key("old"), table.key("new")
    table.init([root], old, "--sign-with", root)
    table.run("targets", table.signed, "--contents", table.contents(), "--sign-with", old)
    table.say()
    assert table.run("root", table.signed, "--targets-key", f"{new}.pub", "--sign-with", root) == 0
    said = table.say()[0]
    assert "Sign targets, too" in said
    assert "targets version 1 is not signed by the threshold of root version 2" in said
    table.run("targets", table.signed, "--contents", table.contents(), "--sign-with", new)
    assert table.run("verify", table.signed) == 0


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--root-threshold", "2"], "a threshold of 2 with 1 different keys"),
        (["--root-threshold", "-1"], "a threshold of -1"),
    ],
)
def test_a_root_that_contradicts_itself_is_not_written(table: Table, words: list[str], reason: str) -> None:
    root, targets = table.key("root"), table.key("targets")
    assert table.init([root], targets, *words) == 1
    assert reason in table.say()[1]
    assert Ceremony(Path(table.signed)).root() is None


def test_the_index_key_never_signs_for_root() -> None:
    keys, signer = OfflineKeys(), MemorySigner()
    plan = keys.plan(signer)
    with pytest.raises(CeremonyError, match="index key is online"):
        composed_root(dataclasses.replace(plan, root=RoleKeys((plan.online,))), version=1, now=NOW)


def test_one_key_twice_is_no_threshold_of_two() -> None:
    keys, signer = OfflineKeys(), MemorySigner()
    twice = RoleKeys((keys.root.public_key, keys.root.public_key), 2)
    with pytest.raises(CeremonyError, match="a threshold of 2 with 1 different keys"):
        composed_root(dataclasses.replace(keys.plan(signer), root=twice), version=1, now=NOW)


def signed_by_hand(root: Root, *signers: CryptoSigner) -> dict[str, bytes]:
    """Returns the files of a root that the ceremony would not compose, but that somebody gave people to sign."""
    metadata = Metadata(root)
    for signer in signers:
        metadata.sign(signer, append=True)
    return {"tuf/1.root.json": metadata.to_bytes()}


@pytest.mark.parametrize("is_spelt_alike", [True, False])
def test_one_key_under_two_names_meets_no_threshold_of_two(is_spelt_alike: bool) -> None:
    keys, private = OfflineKeys(), ec.generate_private_key(ec.SECP256R1())
    mine = CryptoSigner(private)
    public = mine.public_key.keyval["public"]
    if not is_spelt_alike:
        compressed = private.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        head = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
        encoded = base64.b64encode(head + compressed).decode()
        public = f"-----BEGIN PUBLIC KEY-----\n{encoded}\n-----END PUBLIC KEY-----\n"
    again = SSlibKey("f" * 64, mine.public_key.keytype, mine.public_key.scheme, {"public": public})
    plan = dataclasses.replace(keys.plan(MemorySigner()), root=RoleKeys((mine.public_key,)))
    root = composed_root(plan, version=1, now=NOW)
    root.add_key(again, Root.type)
    root.roles[Root.type].threshold = 2
    files = signed_by_hand(root, mine, CryptoSigner(private, again))
    with pytest.raises(CeremonyRefusedError) as refused:
        read_authority(files)
    assert refused.value.why == "The root version 1 names one key twice for root."


@pytest.mark.parametrize("role", ["root", "targets"])
def test_a_root_that_lets_the_online_key_sign_for_people_is_refused(role: str) -> None:
    keys, signer = OfflineKeys(), MemorySigner()
    root = composed_root(keys.plan(signer), version=1, now=NOW)
    root.add_key(online_key(signer), role)
    with pytest.raises(CeremonyRefusedError) as refused:
        read_authority(signed_by_hand(root, keys.root))
    assert refused.value.why == f"The root version 1 lets the online key sign for {role}."


def test_init_makes_no_second_first_root(table: Table) -> None:
    root, targets = table.key("root"), table.key("targets")
    table.init([root], targets, "--sign-with", root)
    assert table.init([root], targets, "--sign-with", root) == 1
    assert "there is a root already" in table.say()[1]


def test_a_step_adds_files_and_changes_none(tmp_path: Path) -> None:
    keys, signer = OfflineKeys(), MemorySigner()
    ceremony = signed_ceremony(tmp_path, keys, signer, now=NOW)
    before = ceremony.files()
    ceremony.sign_root(keys.plan(signer), [keys.root], now=NOW + 1)
    ceremony.sign_targets({"registry.json": b"[]"}, [keys.targets], now=NOW + 1)
    assert ceremony.files().items() >= before.items()


# What a registry refuses of a ceremony: each asserts on the reason.


def _without(files: dict[str, bytes], path: str) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name != path}


def _resigned(data: bytes, **changes: object) -> bytes:
    """Changes what is signed and leaves the signatures."""
    document = json.loads(data)
    document["signed"] |= changes
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (lambda files: {}, "every one from the first on is needed"),
        (lambda files: _without(files, "tuf/2.root.json"), "every one from the first on is needed"),
        (lambda files: {**files, "tuf/2.root.json": files["tuf/1.root.json"]}, "says version 1"),
        (lambda files: {**files, "tuf/3.root.json": b"{}"}, "root version 3 is no TUF metadata"),
        (
            lambda files: {**files, "tuf/3.root.json": files["tuf/1.targets.json"]},
            "root version 3 is metadata of another kind",
        ),
        (
            lambda files: {
                **files,
                "tuf/3.root.json": _resigned(files["tuf/3.root.json"], expires="2099-01-01T00:00:00Z"),
            },
            "root version 3 is not signed by the threshold of root version 2",
        ),
        (lambda files: {**files, "tuf/1.root.json": b" " * 70_000}, "is larger than clients read"),
        (lambda files: _without(files, "tuf/1.targets.json"), "There are no targets"),
        (
            lambda files: {
                **files,
                "tuf/1.targets.json": _resigned(files["tuf/1.targets.json"], targets={}),
            },
            "targets version 1 is not signed by the threshold of root version 3",
        ),
        (
            lambda files: {**files, "tuf/2.targets.json": files["tuf/1.targets.json"]},
            "The file of targets version 2 says version 1",
        ),
        (
            lambda files: {n: d for n, d in files.items() if not n.startswith("targets/")},
            "The target registry.json is missing",
        ),
        (
            lambda files: {n: b"other" if n.startswith("targets/") else d for n, d in files.items()},
            "The target registry.json has other bytes than were signed",
        ),
    ],
)
def test_files_that_a_client_would_refuse_are_refused(
    tmp_path: Path, attack: Callable[[dict[str, bytes]], dict[str, bytes]], reason: str
) -> None:
    keys, signer = OfflineKeys(), MemorySigner()
    ceremony = signed_ceremony(tmp_path, keys, signer, now=NOW)
    for _ in range(2):
        ceremony.sign_root(keys.plan(signer), [keys.root], now=NOW)
    read_authority(ceremony.files())
    with pytest.raises(CeremonyRefusedError) as refused:
        read_authority(attack(ceremony.files()))
    assert reason in refused.value.why


def test_a_strangers_root_is_refused(tmp_path: Path) -> None:
    keys, stranger, signer = OfflineKeys(), OfflineKeys(), MemorySigner()
    ceremony = signed_ceremony(tmp_path, keys, signer, now=NOW)
    ceremony.sign_root(stranger.plan(signer), [stranger.root], now=NOW)
    with pytest.raises(CeremonyRefusedError) as refused:
        ceremony.authority()
    assert refused.value.why == "The root version 2 is not signed by the threshold of root version 1."


def test_another_first_root_than_the_accepted_one_is_refused(tmp_path: Path) -> None:
    signer = MemorySigner()
    ceremony = signed_ceremony(tmp_path / "a", OfflineKeys(), signer, now=NOW)
    other = signed_ceremony(tmp_path / "b", OfflineKeys(), signer, now=NOW)
    with pytest.raises(CeremonyRefusedError) as refused:
        read_authority(other.files(), known=_known(ceremony))
    assert refused.value.why == "Root version 1 is not the one that the registry accepted."


def test_older_targets_than_the_accepted_ones_are_refused(tmp_path: Path) -> None:
    keys, signer = OfflineKeys(), MemorySigner()
    ceremony = signed_ceremony(tmp_path, keys, signer, now=NOW)
    first = ceremony.files()
    ceremony.sign_targets({"registry.json": b"[]"}, [keys.targets], now=NOW)
    read_authority(ceremony.files(), known=_known(ceremony))
    with pytest.raises(CeremonyRefusedError) as refused:
        read_authority(first, known=_known(ceremony))
    assert "not newer than version 2" in refused.value.why


def _known(ceremony: Ceremony) -> IndexStanding:
    authority = ceremony.authority()
    return IndexStanding(1, authority.root_file, authority.targets_file, authority.online_key_id, 0)


def test_a_root_for_another_index_key_does_not_fit(tmp_path: Path) -> None:
    authority = signed_ceremony(tmp_path, OfflineKeys(), MemorySigner(), now=NOW).authority()
    other = online_key(MemorySigner())
    with pytest.raises(CeremonyRefusedError) as refused:
        require_fit(authority, other, now=NOW)
    assert f"For timestamp they name other keys than the registry's index key {other.keyid}" in (
        refused.value.why
    )


def test_targets_for_another_index_key_do_not_fit(tmp_path: Path) -> None:
    keys, old, new = OfflineKeys(), MemorySigner(), MemorySigner()
    ceremony = signed_ceremony(tmp_path, keys, old, now=NOW)
    ceremony.sign_root(keys.plan(new), [keys.root], now=NOW)
    with pytest.raises(CeremonyRefusedError) as refused:
        require_fit(ceremony.authority(), online_key(new), now=NOW)
    assert "For the bins they name other keys" in refused.value.why


def test_what_has_expired_does_not_fit(tmp_path: Path) -> None:
    signer = MemorySigner()
    authority = signed_ceremony(tmp_path, OfflineKeys(), signer, now=NOW).authority()
    require_fit(authority, online_key(signer), now=NOW + tuf_layout.ROOT_SECONDS - 1)
    with pytest.raises(CeremonyRefusedError, match="not acceptable") as refused:
        require_fit(authority, online_key(signer), now=NOW + tuf_layout.ROOT_SECONDS)
    assert refused.value.why == "Root or targets have expired."


def test_a_known_file_is_known_by_its_digest(tmp_path: Path) -> None:
    ceremony = signed_ceremony(tmp_path, OfflineKeys(), MemorySigner(), now=NOW)
    data = ceremony.files()["tuf/1.root.json"]
    assert ceremony.authority().root_file == TrustedFile(1, len(data), hashlib.sha256(data).hexdigest())


def test_a_new_key_is_written_beside_its_public_half(tmp_path: Path) -> None:
    public = new_key(tmp_path / "one.pem")
    assert public == tmp_path / "one.pem.pub"
    assert public.read_bytes().startswith(b"-----BEGIN PUBLIC KEY-----")
