"""Files taken apart into sources: each text, what stands in it, what it decodes to, and its plain views.

1. The file as text, in every language that it may be run in; what a binary file holds
   as text; what an archive holds, as files.
2. For each text: the encoded layers in it, then its parts, then the parts of those.
3. For each of these, where it changes anything: the text with its strings folded, and
   the text with look-alikes and invisible characters undone, and Markdown as it is read.

The order is that of the files and of their texts, so the same package gives the same
sources. What a bound leaves out is listed with its reason.
"""

from __future__ import annotations

from tank_core.analysis import (
    archives,
    compiled,
    content,
    folding,
    languages,
    layers,
    normalized,
    parts,
    rendered,
    shell_folding,
)
from tank_core.analysis.bounds import (
    MAX_ARCHIVE_DEPTH,
    MAX_CODE,
    MAX_DERIVED_SOURCES,
    MAX_DERIVED_TEXT,
    MAX_PACKAGE_TEXT,
    MAX_PARTS_DEPTH,
    MAX_TEXT,
)
from tank_core.analysis.evidence import shown
from tank_core.analysis.source import Language, Source

_OFFICE = ("word/", "ppt/", "xl/", "content.xml", "OEBPS/")


class Reading:
    """Collects the sources of one package.

    Attributes:
        sources: every text to analyse; outer texts before what is within them.
        unread: (file, reason) of what was not fully analysed.
    """

    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.unread: list[tuple[str, str]] = []
        self._decoding = layers.DecodingBudget()
        self._opening = archives.OpeningBudget()
        self._text_left = MAX_PACKAGE_TEXT
        self._derived_left = MAX_DERIVED_TEXT
        self._derived_sources_left = MAX_DERIVED_SOURCES

    def add_file(self, path: str, data: bytes) -> None:
        """Reads one file of the package."""
        self._add_bytes(path, path, data, "", 0)

    def finish(self) -> None:
        """Lists what the bounds of the whole package left out."""
        if self._decoding.is_spent:
            self.unread.append(("", "it holds more encoded text than is decoded"))
        if self._derived_left <= 0 or self._derived_sources_left <= 0:
            self.unread.append(("", "it holds more texts within its files than are analysed"))
        self.unread.extend(
            (source.file, f"it has more than {MAX_CODE} characters of {source.language}")
            for source in self.sources
            if source.language.is_code and len(source.text) > MAX_CODE
        )

    def _add_bytes(self, path: str, name: str, data: bytes, how: str, depth: int) -> None:
        """Reads a file, or a file within one.

        Args:
            path: the file of the package.
            name: its own name, which may be that of a member of an archive.
            data: its bytes.
            how: its provenance; empty for a file of the package.
            depth: archives around it.
        """
        by_name = languages.language_of_name(name)
        is_opaque = (by_name or Language.TEXT) is Language.TEXT and content.is_binary(data)
        if not is_opaque:
            self._add_file_text(path, name, content.text_of(data), how)
        elif not archives.is_archive(data):
            for extract in compiled.extracts(name, data):
                step = f"{how}, {extract.how}" if how else extract.how
                if extract.is_file and depth < MAX_ARCHIVE_DEPTH:
                    self._add_bytes(path, "", extract.data, step, depth + 1)
                elif extract.data.strip():
                    language = Language.TEXT if extract.how.startswith("strings") else Language.MARKDOWN
                    self._add_file_text(path, "", content.text_of(extract.data), step, (language,))
        self._add_members(path, data, how, depth)

    def _add_members(self, path: str, data: bytes, how: str, depth: int) -> None:
        if depth >= MAX_ARCHIVE_DEPTH:
            if archives.is_archive(data):
                self.unread.append((path, "is an archive within archives, which is not opened"))
            return
        for member in archives.members(data, self._opening):
            if member.reason:
                self.unread.append((path, member.reason))
            if member.data:
                step = f"in archive: {shown(member.name)}" if member.name else "in compressed file"
                name = member.name or path.rpartition(".")[0]
                self._add_bytes(path, name, member.data, f"{how}, {step}" if how else step, depth + 1)

    def _add_file_text(
        self, path: str, name: str, text: str, how: str, read_as: tuple[Language, ...] = ()
    ) -> None:
        limit = min(self._text_left, MAX_TEXT)
        self._text_left -= min(len(text), limit)
        if len(text) > limit:
            self.unread.append((path, f"only {limit} of its {len(text)} characters are analysed"))
            text = text[:limit]
        found = read_as or languages.languages_of_file(name, text)
        if found == (Language.XML,) and name.startswith(_OFFICE):
            found = (Language.HTML,)  # a document: its text is what counts
        for position, language in enumerate(found):
            step = f"read as {language}" if position else ""
            provenance = ", ".join(filter(None, (how, step)))
            source = Source(path, 1, language, text, provenance)
            if source.is_whole_file:
                self.sources.append(source)
            elif not self._add(source):
                return
            self._add_within(source, 0, is_decoded=not position)

    def _add(self, source: Source) -> bool:
        """Adds a derived source; returns whether the bounds allow it."""
        self._derived_left -= len(source.text)
        self._derived_sources_left -= 1
        if self._derived_left <= 0 or self._derived_sources_left <= 0:
            return False
        self.sources.append(source)
        return True

    def _add_within(self, source: Source, depth: int, *, is_decoded: bool) -> None:
        """Adds everything that is found in a source.

        Args:
            source: a source that is in the list already.
            depth: sources around it.
            is_decoded: whether its encoded layers are looked for; they are not where its
                text stands as it is in the text around it.
        """
        if is_decoded:
            for layer in layers.decoded_sources(source, self._decoding):
                if not self._add(layer):
                    return
                self._add_within(layer, depth + 1, is_decoded=False)
        found: list[Source] = []
        if depth < MAX_PARTS_DEPTH:
            for part in parts.parts_of(source):
                if not self._add(part):
                    return
                found.append(part)
                self._add_within(part, depth + 1, is_decoded=bool(part.places) and not source.places)
        self._add_folded(source, found, depth)
        self._add_normalized(source)

    def _add_folded(self, source: Source, found: list[Source], depth: int) -> None:
        if not source.text or len(source.text) > MAX_CODE:
            return
        known = {(part.first_line, part.text) for part in found}
        shell = shell_folding.view(source.text, source.language)
        for text in (*folding.views(source.text, source.language), *([shell] if shell else [])):
            view = self._view(source, text, folding.HOW)
            if not self._add(view):
                return
            self._add_layers_of_changes(source, view)
            for part in parts.parts_of(view):
                if (part.first_line, part.text) not in known and depth < MAX_PARTS_DEPTH and self._add(part):
                    self._add_within(part, depth + 1, is_decoded=False)

    def _add_normalized(self, source: Source) -> None:
        text = normalized.view(source.text)
        if text is not None:
            view = self._view(source, text, normalized.HOW)
            if self._add(view):
                self._add_layers_of_changes(source, view)
        shown = rendered.view(source.text) if source.language is Language.MARKDOWN else None
        if shown is not None:
            self._add(self._view(source, shown, rendered.HOW))

    def _view(self, source: Source, text: str, how: str) -> Source:
        places = tuple(range(1, len(source.lines) + 1)) if source.places else ()
        return source.within(1, source.language, text, how, places=places)

    def _add_layers_of_changes(self, source: Source, view: Source) -> None:
        """Adds the layers in those lines of a view that are not as in the text it is a view of."""
        changed = "\n".join(
            new if new != old else "" for new, old in zip(view.lines, source.lines, strict=False)
        )
        blanked = Source(
            view.file, view.first_line, view.language, changed, view.provenance, view.is_decoded, view.places
        )
        for layer in layers.decoded_sources(blanked, self._decoding):
            if not self._add(layer):
                return
            self._add_within(layer, MAX_PARTS_DEPTH - 1, is_decoded=False)
