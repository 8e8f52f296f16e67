"""Text as an agent understands it: compatibility forms, look-alikes and invisible characters undone.

``сurl`` with a Cyrillic letter, ``ｃｕｒｌ`` in full width and ``cu<zero width>rl`` all read as
``curl``. A view of a text is made only where that brings out a word of Latin letters
that was not there, so that other scripts and emoji stay as they are.

Source: Unicode 16.0, UAX 15 and UTS 39; the table is our own and holds only letters
that look like Latin ones in common fonts.
"""

from __future__ import annotations

import re
import unicodedata

HOW = "normalised text"
_LOOK_ALIKES = (
    "АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT ХX ҮY ԚQ ԜW ԌG Ӏl "  # Cyrillic capitals
    "аa ьb сc ԁd еe һh іi јj кk ӏl оo рp ԛq гr ѕs тt ѵv ԝw хx уy зz пn мm вb нh "
    "ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX "  # Greek
    "αa ϲc εe ιi κk νv οo ρp τt υu χx γy ϳj ωw ηn "
    "օo ոn սu հh ցg ք p զq յj ӡz ɑa ɡg ɩi ıi ʀr ɴn ʟl ʜh ʏy ʙb ɪi ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ꜱs ꜰf "
    "ꓐB ꓑP ꓒd ꓓD ꓔT ꓖG ꓗK ꓙJ ꓚC ꓜZ ꓝF ꓟM ꓠN ꓡL ꓢS ꓣR ꓦV ꓧH ꓪW ꓫX ꓬY ꓮA ꓰE ꓲI ꓳO ꓴU "
    "ⅼl ⅽc ⅾd ⅿm ⅰi ⅴv ⅹx ∣| ǀ| ∕/ ⁄/ ⧸/ ﹨\\ ∖\\ ։: ꞉: ∶: ․. ‐- ‑- ‒- –- −- ﹣- “\" ”\" ‘' ’'"
)
_TABLE = {ord(pair[0]): pair[1] for pair in _LOOK_ALIKES.split() if len(pair) == 2 and not pair[0].isascii()}
# Formatting and invisible characters, tags and variation selectors among them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]++"
)
_COMBINING = re.compile("(?<=[A-Za-z])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]++")
_WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]{3,}+(?![^\W\d_])")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def normalized(text: str) -> str:
    """Returns the text with the same lines and nothing that merely looks like Latin text."""
    if text.isascii():
        return text
    return "\n".join(line if line.isascii() else _line(line) for line in text.split("\n"))


def view(text: str) -> str | None:
    """Returns the normalised text where it shows a word that the text does not; else None."""
    if text.isascii():
        return None
    kept, is_changed = [], False
    for line in text.split("\n"):
        plain = line if line.isascii() else _line(line)
        if plain != line and not is_changed:
            is_changed = not set(_WORD.findall(plain)) <= set(_WORD.findall(line))
        kept.append(plain)
    return "\n".join(kept) if is_changed else None


def _line(line: str) -> str:
    plain = _INVISIBLE.sub("", line)
    plain = unicodedata.normalize("NFKC", _COMBINING.sub("", plain)).translate(_TABLE)
    # A compatibility form may hold a line end; lines stay as many as they are.
    return _NOT_ASCII.sub(_unbroken, plain).replace("\n", " ")


def _unbroken(match: re.Match[str]) -> str:
    return " " if match.group() in "\x85\u2028\u2029" else match.group()
