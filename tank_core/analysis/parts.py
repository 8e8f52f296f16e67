"""What stands within a source and is read in a way of its own, by the source's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tank_core.analysis import (
    commands,
    configuration,
    here_documents,
    markdown_parts,
    markup,
    notebooks,
    other_settings,
)
from tank_core.analysis.source import Language, Source

_PARTS: dict[Language, tuple[Callable[[Source], Iterator[Source]], ...]] = {
    Language.MARKDOWN: (markdown_parts.parts_of,),
    Language.SHELL: (here_documents.parts_of, commands.in_arguments),
    Language.NOTEBOOK: (notebooks.parts_of,),
    Language.DOCKERFILE: (other_settings.dockerfile_parts,),
    Language.MAKEFILE: (other_settings.makefile_parts,),
    Language.HTML: (
        lambda source: markup.comments(source, source.text),
        lambda source: markup.elements(source, source.text),
        lambda source: markup.handlers(source, source.text),
        markup.shown_text,
    ),
    **dict.fromkeys(configuration.LANGUAGES, (configuration.parts_of,)),
}


def parts_of(source: Source) -> Iterator[Source]:
    """Yields the parts of a source, kind by kind, each in the order of the text."""
    for parts in _PARTS.get(source.language, ()):
        yield from parts(source)
    yield from commands.in_code(source)
