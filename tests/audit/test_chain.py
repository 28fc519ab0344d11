"""A real log, changed in every way: what is found with the head, what without it, and that the script says the same."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runs import Run

from compiler.audit import chain


def verdict(log: bytes, head: str | None = None) -> chain.Verdict:
    return chain.verify(chain.lines(io.BytesIO(log)), head)


def head_of(log: bytes) -> str:
    return str(json.loads(log.splitlines()[-1])["hash"])


def found(log: bytes, head: str | None = None) -> bool:
    return not verdict(log, head).whole


def test_a_log_as_it_was_written_is_whole(run: Run) -> None:
    head = head_of(run.log)
    assert (verdict(run.log, head).records, verdict(run.log).head) == (len(run.log.splitlines()), head)
    assert not found(run.log, head)
    assert not found(run.log, head[:16])


@pytest.mark.parametrize("wrong", ["", "0" * 64, "A" * 16])
def test_another_head_is_found(run: Run, wrong: str) -> None:
    assert verdict(run.log, wrong).head_differs
    assert verdict(run.log, head_of(run.log)[:15]).head_differs


def test_every_flipped_bit_is_found(run: Run) -> None:
    """Without the head, all but those that turn the last newline into something else: a tail that was cut by one byte."""
    head, missed = head_of(run.log), []
    for at, bit in itertools.product(range(len(run.log)), range(8)):
        changed = run.log[:at] + bytes([run.log[at] ^ 1 << bit]) + run.log[at + 1 :]
        if not found(changed):
            assert found(changed, head), (at, bit)
            missed.append(at)
    assert missed == [len(run.log) - 1] * 8


def test_every_byte_taken_out_is_found(run: Run) -> None:
    head = head_of(run.log)
    for at in range(len(run.log)):
        changed = run.log[:at] + run.log[at + 1 :]
        assert found(changed, head), at
        assert found(changed) == (at < len(run.log) - 1), at


@pytest.mark.parametrize("byte", [b"\n", b"\0", b" ", b"\r", b"0", b'"', b"\xff"], ids=repr)
def test_every_byte_put_in_is_found(run: Run, byte: bytes) -> None:
    for at in range(len(run.log)):
        assert found(run.log[:at] + byte + run.log[at:]), at


def test_every_record_dropped_doubled_swapped_or_moved_is_found(run: Run) -> None:
    whole, head = run.log.splitlines(keepends=True), head_of(run.log)
    count = len(whole)
    for i, j in itertools.product(range(count), repeat=2):
        dropped = whole[:i] + whole[i + 1 :]
        moved = [*dropped[:j], whole[i], *dropped[j:]]
        swapped = list(whole)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        assert found(b"".join(moved)) == (i != j), (i, j)
        assert found(b"".join(swapped)) == (i != j), (i, j)
        assert found(b"".join([*whole[:j], whole[i], *whole[j:]])), (i, j)
    for first, last in itertools.combinations(range(count + 1), 2):
        rest = b"".join(whole[:first] + whole[last:])
        assert found(rest, head), (first, last)
        assert found(rest) == (last < count), (first, last)


def test_every_cut_of_the_tail_is_found_with_the_head_and_only_with_it(run: Run) -> None:
    head = head_of(run.log)
    for end in range(len(run.log)):
        cut = run.log[:end]
        assert found(cut, head), end
        told = verdict(cut)
        assert told.whole, end
        assert (told.torn is None) == (end == 0 or cut.endswith(b"\n")), end


def forged(record: bytes, seq: int, prev: str) -> bytes:
    """A record with any number and predecessor, and the right hash for them."""
    body = re.sub(rb'"seq":\d+', b'"seq":%d' % seq, record[: record.rindex(b',"prev"')]) + b',"prev":"%s"' % prev.encode()
    own = hashlib.sha256(body + b"}\n").hexdigest()
    return body + b',"hash":"%s"}\n' % own.encode()


def test_a_forged_record_with_a_right_hash_is_found_wherever_it_is_put_in(run: Run) -> None:
    """At the end, where it is an honest continuation of the chain, only with the head."""
    whole, head = run.log.splitlines(keepends=True), head_of(run.log)
    for at in range(len(whole) + 1):
        prev = head_of(b"".join(whole[:at])) if at else ""
        changed = b"".join([*whole[:at], forged(whole[0], at + 1, prev), *whole[at:]])
        assert found(changed, head), at
        assert found(changed) == (at < len(whole)), at


def test_a_chain_that_was_written_anew_is_found_with_the_head_only(run: Run) -> None:
    """What no chain on the same disk can promise; docs/script.md says it."""
    prev, anew = "", []
    for seq, record in enumerate(run.log.splitlines(keepends=True), 1):
        anew.append(forged(record.replace(b'"exit":1', b'"exit":0'), seq, prev))
        prev = head_of(anew[-1])
    assert not found(b"".join(anew))
    assert found(b"".join(anew), head_of(run.log))


def test_a_torn_line_counts_only_when_the_next_record_closes_it(run: Run) -> None:
    whole = run.log.splitlines(keepends=True)
    torn = whole[3][:77]
    before = b"".join(whole[:3])
    digest = hashlib.sha256(torn + b"\n").hexdigest().encode()
    template = whole[2][: whole[2].index(b'"event"')]

    def recover(seq: int, prev: str, of: bytes) -> bytes:
        return forged(template + b'"event":"recover","why":"torn %s","prev":""}' % of, seq, prev)

    closed = recover(4, head_of(before), digest)
    assert not found(before + torn)
    assert found(before + torn + b"\n")
    assert not found(before + torn + b"\n" + closed)
    assert found(before + torn[:-1] + b"\n" + closed)
    assert found(before + torn + b"\n" + recover(4, head_of(before), b"0" * 64))
    twice = hashlib.sha256(closed[:50] + b"\n").hexdigest().encode()
    second = recover(5, head_of(closed), twice)
    assert not found(before + torn + b"\n" + closed[:50] + b"\n" + closed + second)
    assert found(before + torn + b"\n" + closed[:50] + b"\n" + closed)
    assert found(before + torn + b"\n" + closed[:50] + b"\n" + second)


MEANINGS = {
    "changed": (lambda w: [*w[:2], w[2].replace(b'"exit":0', b'"exit":1'), *w[3:]], 3, "changed after it was written"),
    "dropped": (lambda w: [*w[:2], *w[4:]], 3, "2 records are missing before it"),
    "doubled": (lambda w: [*w[:3], w[2], *w[3:]], 4, "wrong place or twice"),
    "another log": (lambda w: [*w[:2], forged(w[2], 3, "0" * 64), *w[3:]], 3, "does not follow on the one before it"),
    "empty line": (lambda w: [*w[:2], b"\n", *w[2:]], 3, "an empty line was added"),
    "text": (lambda w: [*w[:2], b"hello\n", *w[2:]], 3, "this is no record"),
    "windows": (lambda w: [record[:-1] + b"\r\n" for record in w], 1, "Windows"),
    "nul": (lambda w: [*w[:2], b"\0" + w[2], *w[3:]], 3, "NUL"),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_each_finding_names_its_line_and_what_it_means(run: Run, name: str) -> None:
    change, line, words = MEANINGS[name]
    finding = verdict(b"".join(change(run.log.splitlines(keepends=True)))).findings[0]
    assert finding.line == line
    assert words in finding.meaning


def sample(log: bytes) -> Iterator[tuple[str, bytes, str | None]]:
    """Some eighty changes of every kind, spread over the log."""
    whole, head = log.splitlines(keepends=True), head_of(log)
    yield "as it was", log, head
    for number, at in enumerate(range(3, len(log), len(log) // 14)):
        yield f"bit at {at}", log[:at] + bytes([log[at] ^ 1 << number % 8]) + log[at + 1 :], None
        yield f"without byte {at}", log[:at] + log[at + 1 :], None
        yield f"cut at {at}", log[:at], (None, head)[number % 2]
        yield f"byte put in at {at}", log[:at] + b"\n\0 \r\xff\xc2"[number % 6 :][:1] + log[at:], None
    for at in range(0, len(whole), 3):
        yield f"dropped {at}", b"".join(whole[:at] + whole[at + 1 :]), None
        yield f"doubled {at}", b"".join(whole[: at + 1] + whole[at:]), None
        yield f"forged {at}", b"".join([*whole[:at], forged(whole[1], at + 1, "0" * 64), *whole[at:]]), None
    yield "last newline flipped", log[:-1] + b"\x0b", None
    yield "empty", b"", None
    yield "empty, head", b"", head
    yield "nothing but NUL", log + b"\0", None
    yield "carriage returns", log.replace(b"\n", b"\r\n"), None


def test_the_script_says_the_same_line_for_line(run: Run) -> None:
    differing = []
    for name, changed, head in sample(run.log):
        run.put(changed)
        script = run.asked("log", "--verify", *(("--head", head) if head else ()))
        ours = verdict(changed, head)
        theirs = {int(number) for number in re.findall(r"^Line (\d+):", script.stdout, re.MULTILINE)}
        same = (script.returncode == 0) == ours.whole and theirs == {f.line for f in ours.findings}
        torn = "not written to its end" in script.stdout
        if not same or torn != (ours.torn is not None):
            differing.append((name, script, ours))
    run.put(run.log)
    assert not differing


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_have_a_verdict(log: bytes) -> None:
    told = verdict(log)
    assert told.records == 0
    assert told.whole == (b"\n" not in log and b"\0" not in log)


def test_a_huge_line_is_not_kept(run: Run) -> None:
    class Endless(io.BytesIO):
        left = 200

        def readline(self, size: int | None = -1, /) -> bytes:
            self.left -= 1
            return b"x" * (size or 0) if self.left > 0 else b""

    (line,) = chain.lines(Endless())
    assert (line.text, line.ended) == (b"", False)


def test_many_lines_that_are_no_records_are_counted() -> None:
    told = verdict(b"x\n" * 5000)
    assert (len(told.findings), told.more) == (chain.MOST, 5000 - chain.MOST)
