from __future__ import annotations

from tank_core.analysis.inference import infer, merged, superfluous
from tank_core.analysis.report import ObservedCapability
from tank_core.permissions import Access, Entry, PermissionSet


def _seen(access: Access, *values: str) -> list[ObservedCapability]:
    return [
        ObservedCapability(access, value, "a.py", line, "x") for line, value in enumerate(values, start=1)
    ]


def test_entry_that_another_covers_is_left_out() -> None:
    found = infer(_seen(Access.NETWORK_OUTBOUND, "a.example", "a.example:443", "*.b.example", "x.b.example"))
    assert found.permissions.network_outbound == ("*.b.example", "a.example")


def test_entry_stands_for_every_place_that_it_covers() -> None:
    found = infer(_seen(Access.FILESYSTEM_READ, "./src/**", "./src/a.py", "./b.py"))
    places = found.evidence_for(Entry(Access.FILESYSTEM_READ, "./src/**"))
    assert [item.value for item in places] == ["./src/**", "./src/a.py"]


def test_whole_project_is_declared_only_where_a_list_cannot_hold_the_paths() -> None:
    few = infer(_seen(Access.FILESYSTEM_READ, *(f"./{n}.txt" for n in range(128))))
    many = infer(_seen(Access.FILESYSTEM_READ, "~/x", *(f"./{n}.txt" for n in range(129))))
    assert len(few.permissions.filesystem_read) == 128
    assert many.permissions.filesystem_read == ("./**", "~/x")


def test_merging_takes_nothing_from_a_declaration() -> None:
    declared = PermissionSet(subprocess=("git",), network_outbound=("*.a.example",))
    inferred = PermissionSet(subprocess=("jq",), network_outbound=("x.a.example",))
    assert merged(declared, inferred) == PermissionSet(
        subprocess=("git", "jq"), network_outbound=("*.a.example",)
    )
    assert [entry.value for entry in superfluous(declared, inferred)] == ["*.a.example", "git"]
