"""The safe part of YAML: nested mappings, lists and texts, with nothing that two readers read differently.

Built on PyYAML's events, not on its loader, so that no tag can construct anything
and no alias can multiply. Every scalar stays the text it is: ``no``, ``1.0`` and
``null`` have no second meaning here. Refused: aliases, anchors, tags, directives,
duplicate keys, keys that are not scalars, more than one document, and line breaks
that only YAML 1.1 knows.

Source: yaml.org/spec/1.2.2, chapters 3 and 5.4; the Agent Skills format's front matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, TypeAlias

import yaml

from tank_core.errors import TankError, quoted

MAX_YAML_LENGTH = 65_536  # characters; PyYAML's scanner takes quadratic time on some inputs
YamlValue: TypeAlias = str | list["YamlValue"] | dict[str, "YamlValue"]

# YAML 1.1 ends a line at these, YAML 1.2 does not: a key could hide from one of two readers.
_FOREIGN_BREAK = re.compile("[\x85\u2028\u2029]|\r(?!\n)")


class InvalidYamlError(TankError):
    """A text outside the safe part of YAML.

    Attributes:
        line: 1-based, counted from the start of the text; 0 for the text as a whole.
    """

    code = "invalid-yaml"
    status: ClassVar[int] = 422

    def __init__(self, why: str, fix: str, line: int = 0) -> None:
        where = f" (line {line})" if line else ""
        super().__init__(f"The YAML is not usable{where}", why=why, fix=fix)
        self.line = line


def parse_yaml(text: str, *, max_depth: int = 8, max_nodes: int = 2000) -> YamlValue:
    """Returns the value of a YAML document; the empty text is "".

    Args:
        text: at most 65536 characters.
        max_depth: how many mappings and lists may stand in each other.
        max_nodes: how many scalars, mappings and lists there may be.

    Raises:
        InvalidYamlError: ``invalid-yaml``, with the line.
    """
    if len(text) > MAX_YAML_LENGTH:
        raise InvalidYamlError(
            f"It has {len(text)} characters; the limit is {MAX_YAML_LENGTH}.", "Make it shorter."
        )
    foreign = _FOREIGN_BREAK.search(text)
    if foreign is not None:
        line = text.count("\n", 0, foreign.start()) + 1
        raise InvalidYamlError(
            "It holds a line break that not all readers know.", "End lines with LF or CRLF.", line
        )
    builder = _Builder(max_depth, max_nodes)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = f"{(error.problem or 'It is malformed').capitalize()}."
        raise InvalidYamlError(why, "Mend the syntax there.", mark.line + 1 if mark else 0) from error
    except yaml.YAMLError as error:
        raise InvalidYamlError("It holds a character that YAML does not allow.", "Remove it.") from error
    return builder.root


def _events(text: str) -> Iterator[yaml.Event]:
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
    return events


class _Builder:
    """Builds the value from events, on a stack of its own instead of Python's."""

    def __init__(self, max_depth: int, max_nodes: int) -> None:
        self.root: YamlValue = ""
        self._max_depth = max_depth
        self._max_nodes = max_nodes
        self._nodes = 0
        self._documents = 0
        self._open: list[dict[str, YamlValue] | list[YamlValue]] = []
        self._keys: list[str | None] = []  # per open collection: the key whose value comes next

    def take(self, event: yaml.Event) -> None:
        """Adds what one event means, or refuses it."""
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event, line)
        elif isinstance(event, yaml.AliasEvent):
            raise InvalidYamlError("It holds an alias (*name).", "Write the value out.", line)
        elif isinstance(event, yaml.NodeEvent):
            self._check_node(event, line)
            self._take_node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()

    def _start_document(self, event: yaml.DocumentStartEvent, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            raise InvalidYamlError("It holds more than one document.", "Remove the second “---”.", line)
        if event.version or event.tags:
            raise InvalidYamlError("It holds a directive (%…).", "Remove the directive.", line)

    def _check_node(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            raise InvalidYamlError("It holds an anchor (&name).", "Remove the anchor.", line)
        if getattr(event, "tag", None) is not None:
            raise InvalidYamlError("It holds a tag (!name).", "Remove the tag.", line)
        self._nodes += 1
        if self._nodes > self._max_nodes:
            raise InvalidYamlError(f"It holds more than {self._max_nodes} values.", "Leave some out.", line)

    def _take_node(self, event: yaml.NodeEvent, line: int) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._add(event.value, line)
            return
        value: dict[str, YamlValue] | list[YamlValue] = (
            {} if isinstance(event, yaml.MappingStartEvent) else []
        )
        self._add(value, line)
        self._open.append(value)
        self._keys.append(None)
        if len(self._open) > self._max_depth:
            raise InvalidYamlError(
                f"It is nested more than {self._max_depth} levels deep.", "Flatten it.", line
            )

    def _add(self, value: YamlValue, line: int) -> None:
        if not self._open:
            self.root = value
            return
        parent = self._open[-1]
        if isinstance(parent, list):
            parent.append(value)
            return
        key = self._keys[-1]
        if key is not None:
            parent[key] = value
            self._keys[-1] = None
        elif not isinstance(value, str):
            raise InvalidYamlError("A key is a list or a mapping.", "Write a plain word as the key.", line)
        elif value in parent:
            raise InvalidYamlError(f"The key {quoted(value)} stands twice.", "Remove one of the two.", line)
        else:
            self._keys[-1] = value
