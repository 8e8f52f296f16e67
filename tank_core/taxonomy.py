"""What others call the things that the rules find: a table from taxonomy ids to names and frameworks.

A rule's own id is the stable one. The table says which framework, in which version,
each further id of a rule belongs to; an id that is not in it has no meaning here.
It is data beside the rules (``taxonomy.yaml``), so that a new id needs no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tank_core.strict_yaml import InvalidYamlError, YamlValue, parse_yaml

_MAX_NODES = 10_000  # the table grows; it is ours, so this bounds nothing but a mistake


class TaxonomyError(Exception):
    """The table is not usable. It ships with Tank, so this is our fault and never a user's."""


@dataclass(frozen=True, slots=True)
class Framework:
    """A list of risks or weaknesses that somebody else keeps.

    Attributes:
        name: such as ``MITRE ATT&CK``; unique in the table.
        version: of the list that the ids are from; a draft says that it is one.
        organization: who keeps it.
        url: where it stands, https.
    """

    name: str
    version: str
    organization: str
    url: str


@dataclass(frozen=True, slots=True)
class Taxon:
    """One entry of a framework, such as ``CWE-506``, Embedded Malicious Code."""

    id: str
    name: str
    framework: Framework


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The whole table. ``taxa``: by id, in the order of the ids."""

    taxa: Mapping[str, Taxon]

    def taxon(self, taxon_id: str) -> Taxon | None:
        """Returns the entry with this id, or None."""
        return self.taxa.get(taxon_id)


def load(data: bytes) -> Taxonomy:
    """Returns the table in the bytes of a ``taxonomy.yaml``.

    Raises:
        TaxonomyError: it is malformed, an id stands twice, or a framework is not described.
    """
    try:
        value = _mapping(parse_yaml(data.decode(), max_nodes=_MAX_NODES))
        frameworks = {
            key: _framework(_mapping(facts)) for key, facts in _mapping(value["frameworks"]).items()
        }
        listed = [
            Taxon(taxon_id, str(name), frameworks[key])
            for key, ids in _mapping(value["ids"]).items()
            for taxon_id, name in _mapping(ids).items()
        ]
    except (InvalidYamlError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise TaxonomyError(f"taxonomy.yaml: {error}") from error
    taxa = {taxon.id: taxon for taxon in sorted(listed, key=lambda taxon: taxon.id)}
    if len(taxa) != len(listed):
        raise TaxonomyError("taxonomy.yaml: an id stands in two frameworks")
    return Taxonomy(taxa)


def _mapping(value: YamlValue) -> Mapping[str, YamlValue]:
    if not isinstance(value, dict):
        raise TypeError("a list or a text stands where names belong")
    return value


def _framework(facts: Mapping[str, YamlValue]) -> Framework:
    return Framework(str(facts["name"]), str(facts["version"]), str(facts["organization"]), str(facts["url"]))
