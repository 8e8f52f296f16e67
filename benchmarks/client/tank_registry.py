"""Tank's own registry of the corpus: archives, attestations, publishers' Sigstore bundles, a signed index.

Made by the code that the registry and its local Sigstore are made of, so that a client
verifies what it would verify of any registry. One version per skill for the corpus;
for the graph many, which are only resolved and so are not packed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.client.corpus import Skill
from tests.support.local_sigstore import SigstoreScene
from tests.support.registry_double import RegistryDouble
from tests.support.signing_publisher import signing


def write_corpus(skills: Iterable[Skill], urls: Mapping[str, Path]) -> dict[str, str]:
    """Writes the objects of a registry for each address it will have; returns each one's fingerprint.

    Args:
        skills: what is published, each signed by the same build.
        urls: base URL → the folder to fill.
    """
    with tempfile.TemporaryDirectory() as folder:
        scene = SigstoreScene(Path(folder))
        try:
            registry = RegistryDouble(url=next(iter(urls)))
            sign = signing(scene, "jo")
            for skill in skills:
                registry.publish(skill.full_name, skill.version, files=dict(skill.files), sign=sign)
            others = {
                "sigstore/trusted_root.json": scene.trusted_root,
                "sigstore/signing_config.json": scene.sigstore.signing_config_bytes(),
            }
            return {url: _write(registry, url, root, others) for url, root in urls.items()}
        finally:
            scene.close()


def write_graph(graph: Mapping[str, Mapping[str, Mapping[str, str]]], url: str, root: Path) -> str:
    """Writes a registry whose versions are in its index alone; returns its fingerprint.

    Args:
        graph: name → version → dependencies, name → range.
    """
    from tank_core.index import index_bytes

    registry = RegistryDouble(url=url)
    pattern = registry.publish("@org-0/pattern", "1.0.0")
    documents = {
        name: index_bytes(
            name,
            [
                replace(pattern, name=name, version=v, dependencies=dict(needs))
                for v, needs in versions.items()
            ],
        )
        for name, versions in graph.items()
    }
    registry.tuf.put_documents(documents)
    return _write(registry, url, root, {})


def _write(registry: RegistryDouble, url: str, root: Path, others: Mapping[str, bytes]) -> str:
    registry.url = url
    registry.sign_registry(others)
    for path, data in registry.objects.items():
        place = root / path.removeprefix("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return registry.fingerprint


def manifest(skills: Iterable[tuple[str, str]]) -> bytes:
    """Returns a project's skills.json. ``skills``: name and range."""
    return json.dumps({"permissions": {}, "skills": dict(skills)}, indent=2).encode()
