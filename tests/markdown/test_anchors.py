import pytest

from compiler.emit.anchors import Anchors, slug


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [  # as GitHub gives them
        ("Preflight", "preflight"),
        ("1.2 DNS löst auf", "12-dns-löst-auf"),
        ("Health != 200", "health--200"),
        ("R.1a Zurück zu vorherigen Tags", "r1a-zurück-zu-vorherigen-tags"),
        ("Ist das „gut“?", "ist-das-gut"),
        ("snake_case bleibt", "snake_case-bleibt"),
        ("Ärger & Öl", "ärger--öl"),
        ("½ Ⅳ ٣", "-ⅳ-٣"),
    ],
)
def test_the_anchor_of_a_heading(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor


def test_equal_headings_are_numbered() -> None:
    anchors = Anchors()
    assert [anchors.of(h) for h in ("a", "a", "A", "b")] == ["a", "a-1", "a-2", "b"]


def test_a_number_that_is_taken_is_left_out() -> None:
    anchors = Anchors()
    assert [anchors.of(h) for h in ("a-1", "a", "a", "a-1")] == ["a-1", "a", "a-2", "a-1-1"]
