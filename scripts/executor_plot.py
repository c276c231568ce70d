#!/usr/bin/env python3
"""Table and plot of `heddle bench --suite executor --json FILE`: what was measured, and what the executor chose.

    scripts/executor_plot.py FILE.json OUT.svg [OUT.md]

The plot has a panel for each operation: times of all methods over the size, the executor's choices as rings. The table goes to OUT.md, or to
standard output."""

import json
import math
import sys

COLOURS = {"cuda": "#2f855a", "vulkan": "#c05621", "opencl": "#6b46c1", "cpu": "#2b6cb0", "scalar": "#4a5568"}
PANEL, LEFT, TOP, GAP, COLUMNS = (250, 170), 56, 34, 40, 4


def colour(device):
    return COLOURS.get(device.split(":")[0], "#b83280")


def read(path):
    """operation -> list of (n, chosen device, {device: ms}), by size."""
    operations = {}
    for result in json.load(open(path))["results"]:
        if result["case"] == "overhead":
            continue
        times = {peer["peer"]: peer["ms"] for peer in result["peers"] if "ratio" in peer and peer.get("ms")}
        operations.setdefault(result["case"], []).append((int(result["size"]), result["device"], times))
    return {name: sorted(sizes, key=lambda size: size[0]) for name, sizes in operations.items()}


def is_good(chosen, times):
    return chosen in times and times[chosen] <= 1.1 * min(times.values())


def time_text(exponent):
    return {-3: "1 us", -2: "10 us", -1: "100 us", 0: "1 ms", 1: "10 ms", 2: "100 ms", 3: "1 s"}.get(exponent, f"1e{exponent} ms")


def panel(name, sizes, x0, y0):
    width, height = PANEL
    all_times = [ms for _, _, times in sizes for ms in times.values()]
    low, high = math.floor(math.log10(min(all_times))), math.ceil(math.log10(max(all_times)))
    most = max(math.log2(n) for n, _, _ in sizes) or 1

    def x(n):
        return x0 + width * math.log2(n) / most

    def y(ms):
        return y0 + height * (1 - (math.log10(ms) - low) / (high - low))

    parts = [f'<text x="{x0}" y="{y0 - 8}" class="name">{name}</text>',
             f'<rect x="{x0}" y="{y0}" width="{width}" height="{height}" class="frame"/>']
    for exponent in range(low, high + 1):
        parts.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{y(10 ** exponent):.1f}" y2="{y(10 ** exponent):.1f}" class="grid"/>'
                     f'<text x="{x0 - 4}" y="{y(10 ** exponent) + 3:.1f}" class="axis" text-anchor="end">{time_text(exponent)}</text>')
    for power in range(0, int(most) + 1, 8):
        parts.append(f'<text x="{x(2 ** power):.1f}" y="{y0 + height + 13}" class="axis" text-anchor="middle">2^{power}</text>')
    devices = sorted({device for _, _, times in sizes for device in times})
    for device in devices:
        points = " ".join(f"{x(n):.1f},{y(times[device]):.1f}" for n, _, times in sizes if device in times)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour(device)}" stroke-width="1.6"/>')
    for n, chosen, times in sizes:
        if chosen in times:
            stroke = "#1a202c" if is_good(chosen, times) else "#e53e3e"
            parts.append(f'<circle cx="{x(n):.1f}" cy="{y(times[chosen]):.1f}" r="3" fill="none" stroke="{stroke}"/>')
    return parts, devices


def plot(operations):
    parts, devices = [], set()
    for index, (name, sizes) in enumerate(operations.items()):
        column, row = index % COLUMNS, index // COLUMNS
        drawn, used = panel(name, sizes, LEFT + column * (PANEL[0] + GAP + 24), TOP + row * (PANEL[1] + GAP + 10))
        parts += drawn
        devices |= set(used)
    rows = (len(operations) + COLUMNS - 1) // COLUMNS
    width, height = LEFT + COLUMNS * (PANEL[0] + GAP + 24), TOP + rows * (PANEL[1] + GAP + 10) + 20
    x = LEFT
    for device in sorted(devices):
        parts.append(f'<line x1="{x}" x2="{x + 22}" y1="{height - 14}" y2="{height - 14}" stroke="{colour(device)}" stroke-width="2"/>'
                     f'<text x="{x + 27}" y="{height - 10}" class="legend">{device}</text>')
        x += 100
    parts.append(f'<circle cx="{x + 8}" cy="{height - 14}" r="3" fill="none" stroke="#1a202c"/>'
                 f'<text x="{x + 18}" y="{height - 10}" class="legend">the choice</text>'
                 f'<circle cx="{x + 108}" cy="{height - 14}" r="3" fill="none" stroke="#e53e3e"/>'
                 f'<text x="{x + 118}" y="{height - 10}" class="legend">more than a tenth off the best</text>')
    style = ("text{font-family:sans-serif;fill:#2d3748}.name{font-size:13px;font-weight:bold}.axis{font-size:9px}.legend{font-size:12px}"
             ".grid{stroke:#e2e8f0;stroke-width:.6}.frame{fill:#fff;stroke:#a0aec0}")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
            f'<style>{style}</style><rect width="{width}" height="{height}" fill="#f7fafc"/>' + "\n".join(parts) + "</svg>\n")


def table(operations):
    lines = ["| operation | chosen, from size | within a tenth of the best | worst choice |", "| --- | --- | --- | --- |"]
    good = total = 0
    for name, sizes in operations.items():
        spans, last = [], None
        for n, chosen, _ in sizes:
            if chosen != last:
                spans.append(f"`{chosen}` from 2^{int(math.log2(n))}")
                last = chosen
        fine = sum(is_good(chosen, times) for _, chosen, times in sizes)
        worst = max((times[chosen] / min(times.values()) if chosen in times else math.inf, n) for n, chosen, times in sizes)
        lines.append(f"| {name} | {', '.join(spans)} | {fine} of {len(sizes)} | {worst[0]:.2f} times the best, at 2^{int(math.log2(worst[1]))} |")
        good += fine
        total += len(sizes)
    lines.append(f"| **all** | | **{good} of {total}** ({100 * good / total:.1f}%) | |")
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    operations = read(sys.argv[1])
    with open(sys.argv[2], "w") as file:
        file.write(plot(operations))
    text = table(operations)
    if len(sys.argv) == 4:
        with open(sys.argv[3], "w") as file:
            file.write(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
