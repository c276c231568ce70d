#!/usr/bin/env python3
"""Puts what heddle-conformance found on several machines into one table.

    scripts/conformance_table.py NAME=FILE[:DEVICE] ...

Each argument is a column: its heading, and the file that `heddle-conformance --json` wrote (with several devices in it:
which). Prints Markdown: how many cases of each topic passed / failed / failed as expected / were skipped, and why.
"""
import collections
import json
import sys

OUTCOMES = ("passed", "failed", "expected", "skipped")


def column(argument):
    name, _, place = argument.partition("=")
    path, _, device = place.partition(":")
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    devices = sorted({case["device"] for case in cases})
    if not device and len(devices) != 1:
        sys.exit(f"{path}: several devices, name one: {', '.join(devices)}")
    chosen = [case for case in cases if case["device"] == (device or devices[0])]
    if not chosen:
        sys.exit(f"{path}: no device {device}; there is {', '.join(devices)}")
    return name, chosen


def cell(cases):
    counts = collections.Counter(case["outcome"] for case in cases)
    unknown = set(counts) - set(OUTCOMES)
    if unknown:
        sys.exit(f"outcomes that this script does not know: {', '.join(sorted(unknown))}")
    return " / ".join(str(counts[outcome]) for outcome in OUTCOMES)


def reasons(columns, outcome):
    lines = []
    for name, cases in columns:
        groups = collections.defaultdict(list)
        for case in cases:
            if case["outcome"] == outcome:
                message = case["message"].splitlines()[0] if case["message"] else "no reason given"
                groups[message].append(f"{case['topic']}.{case['case']}")
        for message, names in sorted(groups.items(), key=lambda group: -len(group[1])):
            lines.append(f"- {name}, {message} ({len(names)}): {', '.join(names)}")
    return lines


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    columns = [column(argument) for argument in sys.argv[1:]]
    topics = sorted({case["topic"] for _, cases in columns for case in cases})
    print("| topic | " + " | ".join(name for name, _ in columns) + " |")
    print("| --- " * (len(columns) + 1) + "|")
    for topic in topics:
        print(f"| {topic} | " +
              " | ".join(cell([case for case in cases if case["topic"] == topic]) for _, cases in columns) + " |")
    print("| **total** | " + " | ".join(cell(cases) for _, cases in columns) + " |")
    for heading, outcome in (("Failures", "failed"), ("Expected failures", "expected"), ("Skipped", "skipped")):
        lines = reasons(columns, outcome)
        if lines:
            print(f"\n## {heading}\n")
            print("\n".join(lines))


if __name__ == "__main__":
    main()
