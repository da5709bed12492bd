"""The whole story of `socrazi demo --exit`, in time: from the start of the process to its end, the data folder and both databases made anew.

    demo.py [--bin FILE] [--runs N]     builds for release when no program is named

Bar (issue 2): under a second. Prints one JSON object; exit code 1 when the median is above the bar.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
BAR_S = 1.0


def built():
    command = ["cargo", "build", "--release", "--locked", "--message-format", "json-render-diagnostics"]
    out = subprocess.run(command, cwd=TOP, check=True, capture_output=True, text=True).stdout
    found = [json.loads(line) for line in out.splitlines()]
    return next(row["executable"] for row in found if row.get("executable") and row["target"]["name"] == "socrazi")


def once(program):
    begun = time.monotonic()
    done = subprocess.run([program, "demo", "--exit"], capture_output=True, text=True, cwd=pathlib.Path(program).parent)
    spent = time.monotonic() - begun
    if done.returncode != 0 or "Out exactly once." not in done.stdout:
        sys.exit(f"the demo ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return spent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin")
    parser.add_argument("--runs", type=int, default=11)
    options = parser.parse_args()
    program = options.bin or built()
    spent = sorted(once(program) for _ in range(options.runs))
    median = statistics.median(spent)
    print(json.dumps({"runs": len(spent), "median_s": round(median, 3), "least_s": round(spent[0], 3), "most_s": round(spent[-1], 3)}))
    print(f"the demo's story takes {median:.2f} s (bar {BAR_S} s)")
    sys.exit(1 if median >= BAR_S else 0)


if __name__ == "__main__":
    main()
