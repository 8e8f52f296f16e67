"""The notices in the signed index: written with what they are about, and by nobody else's round."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest

from chalicelib.adapters.tuf import rounds
from chalicelib.adapters.tuf.draft import Noticed
from chalicelib.adapters.tuf.metadata import IndexTamperedError
from chalicelib.services.keys import PUBLIC
from tank_core import tuf_layout
from tank_core.entities import Availability
from tank_core.notices import Notices, parse_notices
from tests.support.memory_ports import MemorySigner
from tests.support.signed_registry import NAME, SignedRegistry

OTHER = "@acme/other"


def notices(signed: SignedRegistry) -> Notices:
    data = signed.reader().target(tuf_layout.NOTICES_TARGET, now=signed.now)
    assert data is not None
    return parse_notices(data)


def set_availability(signed: SignedRegistry, name: str, availability: Availability, event: str) -> None:
    catalog = signed.scene.world.catalog
    made = signed.scene._event(catalog.versions(name)[0])
    catalog.set_availability(
        name, "1.0.0", availability, "oops", latest="", event=replace(made, event_id=event)
    )
    signed.writer.write([name])


def test_a_new_registry_has_notices_of_nothing(signed: SignedRegistry) -> None:
    assert notices(signed) == Notices()


def test_a_yank_is_noticed_until_it_is_taken_back(signed: SignedRegistry) -> None:
    set_availability(signed, NAME, Availability.YANKED, "yank")
    assert notices(signed) == Notices({NAME: ("1.0.0",)})
    signed.publish("1.0.0", OTHER)
    set_availability(signed, OTHER, Availability.YANKED, "another")
    assert notices(signed) == Notices({NAME: ("1.0.0",), OTHER: ("1.0.0",)})
    set_availability(signed, NAME, Availability.AVAILABLE, "unyank")
    assert notices(signed) == Notices({OTHER: ("1.0.0",)})


def test_a_rebuild_gives_the_same_notices(signed: SignedRegistry) -> None:
    set_availability(signed, NAME, Availability.YANKED, "yank")
    before = notices(signed)
    signed.writer.rebuild()
    assert notices(signed) == before


def test_a_round_that_has_nothing_to_notice_signs_no_more_than_before(signed: SignedRegistry) -> None:
    set_availability(signed, NAME, Availability.YANKED, "yank")
    signed.publish("1.0.0", OTHER)
    with patch.object(MemorySigner, "sign", autospec=True, side_effect=MemorySigner.sign) as sign:
        signed.writer.write([OTHER])
    assert sign.call_count == 3
    assert notices(signed) == Notices({NAME: ("1.0.0",)})


def test_where_an_earlier_release_wrote_none_the_first_round_notices_all_skills(
    signed: SignedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notices that named only what was written since would hide what was yanked before."""
    with monkeypatch.context() as before:
        before.setattr(rounds, "Noticed", lambda *_: None)
        signed.writer.rebuild()
        before.setattr(rounds, "_noticed", lambda *_: None)
        set_availability(signed, NAME, Availability.YANKED, "yank")
    assert signed.reader().target(tuf_layout.NOTICES_TARGET, now=signed.now) is None
    assert Noticed().is_first
    signed.publish("1.0.0", OTHER)
    signed.writer.write([OTHER])
    assert notices(signed) == Notices({NAME: ("1.0.0",)})


@pytest.mark.parametrize("data", [None, b'{"versions":{}}'])
def test_notices_that_were_replaced_in_the_store_are_never_extended(
    signed: SignedRegistry, data: bytes | None
) -> None:
    set_availability(signed, NAME, Availability.YANKED, "yank")
    blobs = signed.scene.world.blobs
    replaced = [key for key in blobs.current if key.endswith(".notices.json")]
    for key in replaced:
        if data is None:
            blobs.delete(key)
        else:
            blobs.put(key, data)
    assert all(key.startswith(PUBLIC + tuf_layout.TARGETS) for key in replaced)
    signed.publish("1.1.0")
    with pytest.raises(IndexTamperedError):
        signed.writer.write([NAME])
    signed.writer.rebuild()
    assert notices(signed) == Notices({NAME: ("1.0.0",)})
