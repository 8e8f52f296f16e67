"""npm's own verifier, an independent implementation, accepts the stand-in's bundles and refuses the lies.

Needs node, and the pinned packages that ``make build/npm-sigstore/.ready`` installs from
the lock beside this file; skipped, with the reason, where either is missing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.local.sigstore.principal import GITHUB
from tests.support.bad_bundles import BAD_BUNDLES
from tests.support.local_sigstore import ALICE, SigstoreScene, bundle

PACKAGES = Path(__file__).resolve().parents[4] / "build" / "npm-sigstore"
STATEMENT = b'{"_type":"https://in-toto.io/Statement/v1"}'

# A trusted root and bundles in on stdin, by name; out: the signer, or the code of the refusal.
_VERIFIER = """
const {bundleFromJSON} = require('@sigstore/bundle');
const {TrustedRoot} = require('@sigstore/protobuf-specs');
const {toSignedEntity, toTrustMaterial, Verifier} = require('@sigstore/verify');
const {root, bundles} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const options = {tlogThreshold: 1, ctlogThreshold: 1, tsaThreshold: 1};
const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root)), options);
const answer = (bundle) => {
  try {
    const {identity} = verifier.verify(toSignedEntity(bundleFromJSON(bundle)));
    return {signer: identity.subjectAlternativeName, issuer: identity.extensions.issuer};
  } catch (error) { return {refused: error.code || error.name}; }
};
const answers = Object.entries(bundles).map(([name, bundle]) => [name, answer(bundle)]);
process.stdout.write(JSON.stringify(Object.fromEntries(answers)));
"""

# @sigstore/verify 4.1.3 leaves the extended key usage to the authority; sigstore-python looks.
NOT_REFUSED = {"wrong-usage"}


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    if not (PACKAGES / "node_modules" / "@sigstore" / "verify").is_dir():
        pytest.skip("npm's packages are not there: make build/npm-sigstore/.ready")
    return found


def answers(node: str, scene: SigstoreScene, bundles: dict[str, bytes]) -> dict[str, dict[str, str]]:
    question = {
        "root": json.loads(scene.trusted_root),
        "bundles": {name: json.loads(data) for name, data in bundles.items()},
    }
    ended = subprocess.run(
        [node, "-e", _VERIFIER],
        input=json.dumps(question).encode(),
        capture_output=True,
        cwd=PACKAGES,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return dict(json.loads(ended.stdout))


def test_honest_bundles_are_accepted(node: str, tmp_path: Path) -> None:
    scene = SigstoreScene(tmp_path / "sigstore")
    person = scene.sigstore.tokens.person_issuer
    found = answers(
        node,
        scene,
        {
            "v1": bundle(scene, STATEMENT, rekor=1),
            "v2": bundle(scene, STATEMENT, rekor=2),
            "person": bundle(scene, STATEMENT, ALICE, issuer=person),
        },
    )
    scene.close()
    build = {
        "signer": "https://github.com/acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0",
        "issuer": GITHUB,
    }
    assert found == {"v1": build, "v2": build, "person": {"signer": "alice@acme.example", "issuer": person}}


def test_lies_are_refused(node: str, tmp_path: Path) -> None:
    scene = SigstoreScene(tmp_path / "sigstore")
    found = answers(node, scene, {name: make(scene, STATEMENT) for name, make in BAD_BUNDLES.items()})
    scene.close()
    assert {name for name, answer in found.items() if "refused" not in answer} == NOT_REFUSED
