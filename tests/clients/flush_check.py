"""The attempt is on the disk before the first byte of the post leaves (DECISIONS 9): the demo under strace, its calls read in order.

Usage: flush_check.py --bin SOCRAZI --strace STRACE. Ends with 77 when this machine does not let one process watch another.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CALLS = "write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync"
SEND = re.compile(r"^\d+ +(?:writev?|sendto|sendmsg)\(\d+<(?:socket|TCP)[^>]*>.*POST /2/tweets HTTP")
LOG_WRITE = re.compile(r"^\d+ +pwrite64\(\d+<[^>]*/socrazi\.db-wal>")
LOG_FLUSH = re.compile(r"^(\d+) +(?:fsync|fdatasync)\(\d+<[^>]*/socrazi\.db-wal>(.*)$")
FLUSHED = re.compile(r"^(\d+) +<\.\.\. (?:fsync|fdatasync) resumed>")


def judge(lines: list[str]) -> tuple[int, list[str]]:
    """How many posts were sent, and what is wrong."""
    sends, faults = 0, []
    dirty = flushed_ever = False
    flushing: set[str] = set()
    for number, line in enumerate(lines, 1):
        if LOG_WRITE.match(line):
            dirty = True
        elif found := LOG_FLUSH.match(line):
            if "unfinished" in found[2]:
                flushing.add(found[1])
            else:
                dirty, flushed_ever = False, True
        elif (found := FLUSHED.match(line)) and found[1] in flushing:
            flushing.discard(found[1])
            dirty, flushed_ever = False, True
        elif SEND.match(line):
            sends += 1
            if dirty or flushing or not flushed_ever:
                faults.append(f"call {number}: the post was sent before the log was flushed: {line[:120]}")
    return sends, faults


def prove() -> None:
    """The judge finds a send before its flush."""
    write = '7  pwrite64(9</d/socrazi.db-wal>, "", 24, 0) = 24'
    flush = "7 fdatasync(9</d/socrazi.db-wal>) = 0"
    send = '8 writev(12<socket:[1]>, [{iov_base="POST /2/tweets HTTP/1.1'
    assert judge([write, flush, send]) == (1, [])
    assert len(judge([write, send, flush])[1]) == 1
    assert len(judge([flush, write, send])[1]) == 1
    begun, ended = "7 fsync(9</d/socrazi.db-wal> <unfinished ...>", "7 <... fsync resumed>)  = 0"
    assert len(judge([write, begun, send, ended])[1]) == 1
    assert judge([write, begun, ended, send]) == (1, [])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--strace", required=True)
    given = parser.parse_args()
    prove()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "calls"
        command = [given.strace, "-f", "-y", "-s", "80", "-o", str(log), "-e", f"trace={CALLS}", given.bin, "demo", "--exit"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if done.returncode != 0 and ("ptrace" in done.stderr or "Operation not permitted" in done.stderr):
            print(done.stderr.strip().splitlines()[-1])
            return 77
        if done.returncode != 0:
            print(done.stdout, done.stderr, sep="\n")
            return 1
        sends, faults = judge(log.read_text(errors="replace").splitlines())
    if sends == 0:
        faults.append("no post was sent: the check saw nothing")
    print("\n".join(faults) or f"{sends} sent, each after its attempt was flushed to the disk")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
