"""Packages from foreign hosts are found in every manager's own files and commands; known registries are left alone."""

from __future__ import annotations

import pytest

from tank_core.analysis.detectors.installed_names import installed
from tank_core.analysis.detectors.package_origins import foreign_package_index
from tank_core.analysis.detectors.supply_chain import imitated_packages
from tests.support.sources import package_with

AT = "https://pkgs.pixelcart.invalid"
FILES = {
    ".npmrc": "@acme:registry={}/\n",
    ".yarnrc.yml": 'npmRegistryServer: "{}"\n',
    "pip.conf": "[global]\nindex-url = {}/simple\n",
    "requirements.txt": "--extra-index-url {}/simple\nnumpy\n",
    "requirements/dev.txt": "requests @ {}/requests.tar.gz\n",
    "pyproject.toml": "[[tool.uv.index]]\nurl = '{}/simple'\n",
    "poetry.lock": '[package.source]\nurl = "{}/a.tar.gz"\n',
    ".cargo/config.toml": "[source.m]\nregistry = 'sparse+{}/'\n",
    "Gemfile": "source '{}'\ngem 'rails'\n",
    "package.json": '{{"dependencies": {{"icons": "{}/icons.tgz"}}}}\n',
    "package-lock.json": '{{"node_modules/a": {{"resolved": "{}/a.tgz"}}}}\n',
    "yarn.lock": 'a@^1:\n  resolved "{}/a.tgz#abc"\n',
    "pnpm-lock.yaml": "a:\n  resolution: {{tarball: {}/a.tgz}}\n",
    "pom.xml": "<repository><url>{}/maven</url></repository>\n",
    "build.gradle": "maven {{ url '{}/maven' }}\n",
    ".gitmodules": '[submodule "a"]\n\turl = {}/u/a.git\n',
    "a.sh": "npm config set registry {}\n",
    "b.sh": "PIP_INDEX_URL={}/simple pip install numpy\n",
    "c.sh": "brew tap u/tools {}/u/tools\n",
}


@pytest.mark.parametrize("path", FILES)
def test_a_foreign_host_is_found_where_packages_come_from(path: str) -> None:
    hits = list(foreign_package_index(package_with({path: FILES[path].format(AT)})))
    assert hits
    assert {hit.file for hit in hits} == {path}


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize(
    "known", ["https://vendor.invalid", "https://forge.invalid", "https://registry.npmmirror.com"]
)
def test_known_registries_forges_and_mirrors_are_left_alone(path: str, known: str) -> None:
    assert list(foreign_package_index(package_with({path: FILES[path].format(known)}))) == []


def test_a_go_module_that_is_replaced_by_a_foreign_one_is_found() -> None:
    replaced = "module a\n\nreplace github.com/spf13/cobra => git.pixelcart.invalid/u/cobra v1\n"
    assert len(list(foreign_package_index(package_with({"go.mod": replaced})))) == 1


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("a.sh", "cargo add serde_josn\n", "serde_josn looks like serde-json"),
        ("a.sh", "gem install nokogirii\n", "nokogirii looks like nokogiri"),
        ("a.sh", "docker pull ngnix:latest\n", "ngnix looks like nginx"),
        (
            "a.sh",
            "code --install-extension ms-pyhton.python\n",
            "ms-pyhton.python looks like ms-python.python",
        ),
        ("go.mod", "require github.com/sirupsen/logruss v1.9.3\n", "sirupsen/logrus"),
        ("Dockerfile", "FROM pyhton:3.12\n", "pyhton looks like python"),
        (".github/workflows/a.yml", "steps:\n  - uses: action/checkout@v4\n", "actions/checkout"),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\n  'reqeusts>=2',\n]\n",
            "reqeusts looks like requests",
        ),
    ],
)
def test_a_slip_in_any_ecosystem_is_an_imitation(path: str, text: str, said: str) -> None:
    found = [hit.evidence for hit in imitated_packages(package_with({path: text}))]
    assert [said in evidence for evidence in found] == [True], found


def test_versions_tags_and_digests_are_no_part_of_a_name() -> None:
    names = [
        one.name for one in installed(package_with({"a.sh": "docker pull Redis:7\ncargo add serde@1.0\n"}))
    ]
    assert sorted(names) == ["redis", "serde"]
