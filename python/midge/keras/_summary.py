# SPDX-License-Identifier: Apache-2.0
"""The table of model.summary()."""
from __future__ import annotations

from typing import Any, List

__all__ = ["summary"]


def _cells(text: str, width: int) -> List[str]:
    """A text in lines of a width, broken at spaces and commas where there are any."""
    lines = []
    while len(text) > width:
        cut = max(text.rfind(mark, 0, width) for mark in " ,") + 1
        cut = cut if cut > width // 3 else width
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return lines + [text]


def _size(count: int) -> str:
    size = 4.0 * count
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            return "%.2f %s" % (size, unit)
        size /= 1024
    return ""


def summary(model: Any, rows: List[tuple], widths: List[int], trained: int, total: int) -> str:
    """`rows` are cells; `widths` those of the columns. The third column is numbers."""
    heads = ["Layer (type)", "Output Shape", "Param #", "Connected to"][:len(widths)]

    def line(left: str, fill: str, middle: str, right: str) -> str:
        return left + middle.join(fill * (width + 2) for width in widths) + right

    def row(cells: Any, mark: str) -> List[str]:
        columns = [_cells(cell, width) for cell, width in zip(cells, widths)]
        lines = []
        for number in range(max(map(len, columns))):
            parts = [column[number] if number < len(column) else "" for column in columns]
            lines.append(mark + mark.join(
                " %s " % (part.rjust(width) if place == 2 else part.ljust(width))
                for place, (part, width) in enumerate(zip(parts, widths))) + mark)
        return lines

    text = ['Model: "%s"' % model.name, line("\u250f", "\u2501", "\u2533", "\u2513"),
            *row(heads, "\u2503"), line("\u2521", "\u2501", "\u2547", "\u2529")]
    for number, cells in enumerate(rows):
        if number:
            text.append(line("\u251c", "\u2500", "\u253c", "\u2524"))
        text += row(cells, "\u2502")
    text.append(line("\u2514", "\u2500", "\u2534", "\u2518"))
    for name, count in (("Total", total), ("Trainable", trained),
                        ("Non-trainable", total - trained)):
        text.append(" {} params: {:,} ({})".format(name, count, _size(count)))
    return "\n".join(text)
