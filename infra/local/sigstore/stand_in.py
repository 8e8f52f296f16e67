"""All services of the local Sigstore, opened from one folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from chalicelib.ports.clock import Clock
from infra.local.durable import make_folder, write_durably
from infra.local.sigstore import rekor_v1, rekor_v2, trust
from infra.local.sigstore.authorisation import AuthorisationCodes
from infra.local.sigstore.authority import CertificateAuthority
from infra.local.sigstore.ci_requests import BuildSecrets
from infra.local.sigstore.id_tokens import IdTokens
from infra.local.sigstore.keys import ec_key, ed25519_key, key_id, rsa_key
from infra.local.sigstore.log import LogFile, TransparencyLog
from infra.local.sigstore.rekor_v1 import RekorV1
from infra.local.sigstore.rekor_v2 import RekorV2
from infra.local.sigstore.timestamps import TimestampAuthority
from infra.local.sigstore.trust import OIDC

BUILD_SECRETS = "builds.secret"
_BASE_URL = "base-url"


class NotServedError(Exception):
    """The data folder never served with a local Sigstore."""


@dataclass(frozen=True, slots=True)
class LocalSigstore:
    """One machine's Sigstore.

    Attributes:
        base_url: where clients reach the registry, without a trailing slash.
        ct_key: signs certificate timestamps; ``rekor_v1_key`` and ``rekor_v2_key`` sign checkpoints.
    """

    base_url: str
    clock: Clock
    tokens: IdTokens
    codes: AuthorisationCodes
    builds: BuildSecrets
    authority: CertificateAuthority
    rekor_v1: RekorV1
    rekor_v2: RekorV2
    timestamps: TimestampAuthority
    ct_key: ec.EllipticCurvePrivateKey
    rekor_v1_key: ec.EllipticCurvePrivateKey
    rekor_v2_key: ed25519.Ed25519PrivateKey
    log_file: LogFile

    @property
    def since(self) -> datetime:
        """From when on everything is valid: when the authority was made."""
        return self.authority.chain[-1].not_valid_before_utc

    def trusted_root_bytes(self) -> bytes:
        """Returns the trusted root, JSON; the same bytes at every start."""
        ct_key = self.ct_key.public_key()
        return trust.trusted_root(
            logs=[
                trust.log_instance(
                    f"https://{rekor_v1.NAME}",
                    self.rekor_v1_key.public_key(),
                    self.rekor_v1.log_id,
                    self.since,
                ),
                trust.log_instance(
                    f"https://{rekor_v2.NAME}",
                    self.rekor_v2_key.public_key(),
                    self.rekor_v2.log_id,
                    self.since,
                ),
            ],
            ct_logs=[trust.log_instance("https://ct.tank.invalid", ct_key, key_id(ct_key), self.since)],
            authorities=[trust.authority_instance("https://fulcio.tank.invalid", self.authority.chain)],
            timestamp_authorities=[
                trust.authority_instance("https://tsa.tank.invalid", self.timestamps.chain)
            ],
        )

    def signing_config_bytes(self, base_url: str = "", rekor_versions: Sequence[int] = (1, 2)) -> bytes:
        """Returns the signing configuration v0.2, JSON; see ``trust.signing_config``."""
        return trust.signing_config(base_url or self.base_url, self.since, rekor_versions)

    def issuer_keys(self) -> Mapping[str, bytes]:
        """Returns, for each OIDC issuer that this machine plays, its key set (JWKS, JSON)."""
        keys = self.tokens.jwks()
        return dict.fromkeys(sorted(self.tokens.issuers), keys)

    def address_of(self, publisher: str) -> str:
        """Returns the e-mail address that stands for a publisher in certificates."""
        return f"{publisher}@{urlsplit(self.base_url).hostname}"

    def close(self) -> None:
        """Closes the log; nothing may be used afterwards."""
        self.log_file.close()


def open_local_sigstore(folder: Path, base_url: str, clock: Clock) -> LocalSigstore:
    """Opens a folder, and makes in it what is missing: keys, certificates, an empty log.

    Args:
        folder: its parent exists; made for its owner only. Nobody else may open it meanwhile.
        base_url: where clients reach the registry, without a trailing slash.
        clock: also the time of certificates, log entries and timestamps.

    Raises:
        ExposedFileError: others may read a key.
        UnusableKeyError: a key file holds something else.
    """
    make_folder(folder)
    # What a start left that was killed: the folder is one server's at a time.
    for unfinished in folder.glob("*.new"):
        unfinished.unlink()
    write_durably(folder / _BASE_URL, base_url.encode(), temporary=folder / f"{_BASE_URL}.new")
    ct_key, v1_key = ec_key(folder / "ct-log.pem"), ec_key(folder / "rekor-v1.pem")
    v2_key = ed25519_key(folder / "rekor-v2.pem")
    authority = CertificateAuthority(folder / "fulcio.pem", ct_key, now=clock.now())
    timestamps = TimestampAuthority(folder / "timestamps.pem", clock)
    log_file = LogFile(folder / "log.sqlite")
    return LocalSigstore(
        base_url=base_url,
        clock=clock,
        tokens=open_tokens(folder, base_url, clock),
        codes=AuthorisationCodes(clock),
        builds=BuildSecrets(folder / BUILD_SECRETS),
        authority=authority,
        rekor_v1=RekorV1(TransparencyLog(log_file, "v1"), v1_key, clock),
        rekor_v2=RekorV2(TransparencyLog(log_file, "v2"), v2_key, clock),
        timestamps=timestamps,
        ct_key=ct_key,
        rekor_v1_key=v1_key,
        rekor_v2_key=v2_key,
        log_file=log_file,
    )


def open_tokens(folder: Path, base_url: str, clock: Clock) -> IdTokens:
    """Opens the issuer alone; a command may do it beside a running server."""
    return IdTokens(rsa_key(folder / "oidc.pem"), base_url + OIDC, clock)


def kept_base_url(folder: Path) -> str:
    """Returns where clients reached the registry at its last start; raises NotServedError before the first."""
    try:
        return (folder / _BASE_URL).read_text(encoding="utf-8")
    except FileNotFoundError as exc:
        raise NotServedError("no registry has served this data folder with --sigstore local yet") from exc
