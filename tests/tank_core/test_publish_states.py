"""A publish walks only the steps that its life has."""

from __future__ import annotations

from itertools import product

import pytest

from tank_core.entities import Publish
from tank_core.publish import TRANSITIONS, PublishState


def publish_in(state: PublishState) -> Publish:
    return Publish(
        publish_id="p1",
        name="@acme/tool",
        version="1.0.0",
        publisher_id="alice",
        integrity="",
        digest="",
        size_bytes=1,
        client_manifest={},
        created_at=1,
        expires_at=2,
        state=state,
    )


@pytest.mark.parametrize(("before", "after"), list(product(PublishState, PublishState)))
def test_a_publish_moves_along_the_stated_transitions_and_no_others(
    before: PublishState, after: PublishState
) -> None:
    publish = publish_in(before)
    if after in TRANSITIONS[before]:
        moved = publish.moved_to(after, failure="why")
        assert (moved.state, moved.failure) == (after, "why")
    else:
        with pytest.raises(ValueError, match=f"is {before} and cannot become {after}"):
            publish.moved_to(after)
