#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what compare.py --json measured: a bar a model, midge / best peer, with the target.

    plot.py RESULTS.json OUT.svg [--threads 1]
"""
import argparse
import html
import json
import pathlib

import verdicts

ROW, LEFT, WIDTH, TOP, SCALE = 16, 250, 420, 44, 1.5  # pixels, and the ratio at the right end
MET, MISSED, PEER, TARGET = "#3b7a57", "#c2703d", "#888888", "#222222"


def entries(report, threads):
    """(class name, model, ratio, target) in the order of the classes."""
    found = []
    for item in report["latency"]:
        measured = verdicts.Measurement(**item)
        ratio = measured.ratio()
        kind = verdicts.class_of(measured.model)
        if measured.threads == threads and ratio and kind.target:
            found.append((kind, measured.model, ratio[0]))
    order = list(verdicts.CLASSES)
    return sorted(found, key=lambda entry: (order.index(entry[0]), entry[1]))


def text(x, y, words, anchor="start", weight="normal"):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{html.escape(words)}</text>")


def line(x, top, bottom, colour, dash=""):
    return (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="{colour}" '
            f'stroke-dasharray="{dash}"/>')


def place(ratio):
    return LEFT + WIDTH * min(ratio, SCALE) / SCALE


def draw(report, threads):
    parts, y, last = [], TOP, None
    for kind, model, ratio in entries(report, threads):
        if kind is not last:
            y += ROW
            parts.append(text(8, y + 11, f"{kind.name}: target {kind.target:.2f}", weight="bold"))
            y += ROW + 2
            last = kind
        colour = MET if ratio <= kind.target else MISSED
        parts.append(text(LEFT - 6, y + 11, model, "end"))
        parts.append(f'<rect x="{LEFT}" y="{y + 2}" width="{place(ratio) - LEFT:.1f}" '
                     f'height="{ROW - 4}" fill="{colour}"/>')
        parts.append(line(place(kind.target), y, y + ROW, TARGET))
        parts.append(text(place(ratio) + 5, y + 11, f"{ratio:.2f}"))
        y += ROW
    parts.append(line(place(1), TOP, y, PEER, "3 3"))
    title = f"midge / best peer, {threads} thread{'s' if threads > 1 else ''}; dashed: as fast"
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 60}" '
            f'height="{y + ROW}" font-family="sans-serif" font-size="11">'
            f'<rect width="100%" height="100%" fill="white"/>'
            + text(8, 20, title, weight="bold") + text(8, 36, report["cpu"]))
    return head + "\n" + "\n".join(parts) + "\n</svg>\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("results", type=pathlib.Path)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--threads", type=int, default=1)
    options = arguments.parse_args()
    options.out.write_text(draw(json.loads(options.results.read_text()), options.threads))


if __name__ == "__main__":
    main()
