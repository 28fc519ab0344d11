"""The audit log: a chain that shows every change, and a torn end that is no alarm."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest

from .specs import HEAD, THREE, step
from .worlds import World

Make = Callable[[str], World]


@pytest.fixture
def done(world: Make) -> World:
    w = world(THREE)
    assert w.run("--yes").code == 0
    return w


def test_the_chain_is_whole_and_recomputable_without_the_script(done: World) -> None:
    before = ""
    for number, line in enumerate((done.run_folder / "audit.jsonl").read_text().splitlines(), 1):
        record = json.loads(line)
        body = line[: line.rindex(',"hash"')] + "}"
        assert record["hash"] == hashlib.sha256(body.encode() + b"\n").hexdigest()
        assert (record["prev"], record["seq"], record["v"]) == (before, number, 1)
        before = record["hash"]
    assert done.run("log", "--verify", "--head", before).code == 0


def lines(w: World) -> list[str]:
    return (w.run_folder / "audit.jsonl").read_text().splitlines(keepends=True)


def put(w: World, changed: list[str]) -> int:
    (w.run_folder / "audit.jsonl").write_text("".join(changed))
    return w.run("log", "--verify").code


def test_every_record_dropped_doubled_swapped_or_inserted_is_found(done: World) -> None:
    whole = lines(done)
    for at in range(len(whole)):
        if at < len(whole) - 1:
            assert put(done, whole[:at] + whole[at + 1 :]) == 1, f"dropped {at}"
            assert put(done, [*whole[:at], whole[at + 1], whole[at], *whole[at + 2 :]]) == 1, f"swapped {at}"
        assert put(done, [*whole[: at + 1], whole[at], *whole[at + 1 :]]) == 1, f"doubled {at}"
        assert put(done, [*whole[:at], whole[0].replace('"seq":1', f'"seq":{at + 1}'), *whole[at:]]) == 1, f"inserted {at}"
    assert put(done, whole) == 0


@pytest.mark.tampered
def test_flipped_bytes_are_found(done: World) -> None:
    whole = "".join(lines(done))
    for at in range(0, len(whole) - 1, 97):
        flipped = whole[:at] + chr(ord(whole[at]) ^ 1) + whole[at + 1 :]
        assert put(done, [flipped]) == 1, at


def test_a_cut_tail_is_found_with_the_head(done: World) -> None:
    whole = lines(done)
    head = json.loads(whole[-1])["hash"]
    assert put(done, whole[:-2]) == 0
    assert done.run("log", "--verify", "--head", head).code == 1
    assert put(done, whole) == 0
    assert done.run("log", "--verify", "--head", head[:16]).code == 0
    assert done.run("log", "--verify", "--head", head[:4]).code == 1


def test_a_torn_last_line_is_recognised_kept_and_no_alarm(done: World) -> None:
    whole = lines(done)
    torn = [*whole[:-1], whole[-1][:40]]
    (done.run_folder / "audit.jsonl").write_text("".join(torn))
    result = done.run("log", "--verify")
    assert result.code == 0
    assert "not written to its end" in result.out
    (done.folder / "good").touch()
    assert done.run("rollback", "--yes").code == 0
    assert whole[-1][:40] + "\n" in lines(done)
    assert done.run("log", "--verify").code == 0


def test_status_and_receipt_tell_what_happened(done: World) -> None:
    assert "DONE (0)" in done.run("status").out
    receipt = done.run("receipt").out
    assert "| 1.3 Step c |" in receipt
    assert hashlib.sha256(done.path.read_bytes()).hexdigest() in receipt


def test_a_full_disk_starts_nothing(world: Make) -> None:
    import os
    import subprocess

    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    w = world(THREE)
    script = (
        "mkdir state && mount -t tmpfs -o size=64k none state && "
        "dd if=/dev/zero of=state/fill bs=1k count=64 status=none; ./t.sh --yes; echo $?; umount state"
    )
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script],
        cwd=w.folder,
        env=w.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "7", done
    assert w.log == []


def test_the_size_of_a_capture_is_in_bytes(world: Make) -> None:
    w = world(HEAD + 'phase one "One" {\n  capture c "C" $ printf \'Käse €\'\n' + step("a", 'echo "$c" >>log') + "}\n")
    assert w.run("--yes", env={"LC_ALL": "C.UTF-8"}).code == 0
    (record,) = [r for r in w.records if r["event"] == "capture"]
    assert record["size"] == len("Käse €".encode())
