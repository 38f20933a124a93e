#!/usr/bin/env python3
"""Draws how cost grows, from what benches wrote with --json: bench/plot.py OUT.svg FILE..."""
import json
import math
import re
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 360, 260, 62, 44, 34


def panel(x0, title, below, lines):
    """Axes that are both logarithmic; `lines`: {name: (dashed, [(x, y)])}."""
    points = [point for _, line in lines.values() for point in line]
    low = [math.floor(math.log10(min(p[i] for p in points))) for i in (0, 1)]
    high = [math.ceil(math.log10(max(p[i] for p in points)) + 1e-9) for i in (0, 1)]
    high = [max(h, l + 1) for h, l in zip(high, low)]

    def place(x, y):
        across = (math.log10(x) - low[0]) / (high[0] - low[0])
        up = (math.log10(y) - low[1]) / (high[1] - low[1])
        return x0 + LEFT + across * (WIDTH - LEFT - 12), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)

    out = [f'<text x="{x0 + LEFT}" y="16" font-weight="bold">{title}</text>',
           f'<text x="{x0 + LEFT + 110}" y="{HEIGHT - 8}" text-anchor="middle">{below}</text>']
    for axis in (0, 1):
        for power in range(low[axis], high[axis] + 1):
            ends = [place(10**power, 10**low[1]), place(10**power, 10**high[1])] if axis == 0 else \
                [place(10**low[0], 10**power), place(10**high[0], 10**power)]
            (ax, ay), (bx, by) = ends
            out.append(f'<line x1="{ax:.1f}" y1="{ay:.1f}" x2="{bx:.1f}" y2="{by:.1f}" stroke="#ddd"/>')
            label = f"{10**power:g}"
            out.append(f'<text x="{ax:.1f}" y="{ay + 16:.1f}" text-anchor="middle">{label}</text>' if axis == 0 else
                       f'<text x="{ax - 6:.1f}" y="{ay + 4:.1f}" text-anchor="end">{label}</text>')
    for number, (name, (dashed, line)) in enumerate(lines.items()):
        colour = ("#1b6ca8", "#999", "#b3541e")[number % 3]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*p) for p in sorted(line)))
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in (place(*p) for p in line)]
        out.append(f'<text x="{x0 + WIDTH - 18}" y="{HEIGHT - BOTTOM - 22 + 14 * number}" text-anchor="end" fill="{colour}">'
                   f'{name}</text>')
    return out


def read(files):
    cases = {}
    for file in files:
        for case in json.load(open(file))["cases"]:
            cases[case["name"]] = case
    return cases


def series(cases, pattern, value):
    found = [(float(match[1]), value(case, float(match[1])))
             for name, case in cases.items() if (match := re.fullmatch(pattern, name))]
    return sorted(found)


def main(out, files):
    cases = read(files)
    transfer = r"net/n=(\d+)/transfers/cpu"
    accounts = r"ledger/accounts=(\d+)/transfers/cpu"
    view = r"views/n=(\d+)"
    panels = [
        ("us of CPU a transfer, each node", "validators", {
            "measured": (False, series(cases, transfer, lambda c, n: 1e6 / c["value"] / n)),
            "its signature alone": (True, series(cases, transfer, lambda c, n: 1e6 / c["limit"] / n))}),
        ("us of CPU a transfer, one node", "accounts", {
            "measured": (False, series(cases, accounts, lambda c, n: 1e6 / c["value"])),
            "its signature alone": (True, series(cases, accounts, lambda c, n: 1e6 / c["limit"]))}),
        ("ms of CPU a view, all nodes", "validators", {
            "measured": (False, series(cases, view, lambda c, n: 1e3 / c["value"])),
            "its signatures alone": (True, series(cases, view, lambda c, n: 1e3 / c["limit"]))}),
    ]
    panels = [(title, below, lines) for title, below, lines in panels if all(line for _, line in lines.values())]
    if not panels:
        sys.exit("plot.py: none of these files has a case to draw")
    body = [line for i, each in enumerate(panels) for line in panel(i * WIDTH, *each)]
    with open(out, "w", encoding="utf-8") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH * len(panels)}" height="{HEIGHT}" '
                   'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n')
        file.write("\n".join(body) + "\n</svg>\n")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
