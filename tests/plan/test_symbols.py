from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compiler.plan.symbols import distinct, shortest

WORD = st.from_regex(r"[a-z][a-z0-9_]{0,4}", fullmatch=True)
IDS = st.sets(st.lists(WORD, min_size=1, max_size=4).map(".".join), max_size=12)


def test_only_as_long_as_it_must_be() -> None:
    assert shortest(["u.s.image.up", "u.s.build.up", "u.pull"]) == {
        "u.s.image.up": "image_up",
        "u.s.build.up": "build_up",
        "u.pull": "pull",
    }


def test_paths_that_read_alike() -> None:
    assert sorted(shortest(["a_b.c", "a.b_c", "x.c", "x.b_c"]).values()) == ["a_b_c", "a_b_c_2", "x_b_c", "x_c"]


@given(IDS)
def test_every_id_has_a_name_of_its_own_that_is_a_shell_name(ids: set[str]) -> None:
    names = shortest(sorted(ids))
    assert set(names) == ids
    assert len(set(names.values())) == len(ids)
    assert all(name.replace("_", "a").isalnum() for name in names.values())


def test_distinct() -> None:
    assert distinct("a", ["b"]) == "a"
    assert distinct("a", ["a", "a_2"]) == "a_3"
