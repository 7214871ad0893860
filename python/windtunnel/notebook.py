"""How answers look in a notebook: static tables, as the terminal's, and charts as inline SVG. No
script, no request, no style that leaks: a notebook shows it whether it is trusted or not."""
from __future__ import annotations

from html import escape
from typing import Any, Iterable, NamedTuple, Sequence

_INK = "currentColor"
_BAR = "#4477aa"
_GAIN = "#228833"
_LOSS = "#cc6677"


def money(usd: float) -> str:
    """ "$3.71M", "-$420": three digits and a unit."""
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    for unit, name in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            return f"{sign}${size / unit:.3g}{name}"
    return f"{sign}${size:.3g}"


def fragment(sheet: dict[str, Any], charts: Iterable[str] = ()) -> str:
    """The sheet of an answer as HTML: headline, charts, and tables in foldable sections."""
    parts = [
        '<div style="max-width:70em">',
        f"<p><strong>{escape(sheet['title'])}</strong> "
        f"<small>{escape(sheet['subtitle'])}</small></p>",
        f"<p><strong>{escape(sheet['headline'])}</strong></p>",
    ]
    parts += [f"<p>{escape(line)}</p>" for line in sheet["lines"]]
    parts += [f"<div>{chart}</div>" for chart in charts if chart]
    for index, section in enumerate(sheet["sections"]):
        parts.append(
            f"<details{' open' if index == 0 else ''}><summary>{escape(section['title'])}</summary>"
        )
        parts += [f"<p>{escape(text)}</p>" for text in section["paragraphs"]]
        parts += [_table(table) for table in section["tables"]]
        parts += [f"<p><small>{escape(text)}</small></p>" for text in section["notes"]]
        parts.append("</details>")
    if sheet["warnings"]:
        items = "".join(f"<li>{escape(text)}</li>" for text in sheet["warnings"])
        parts.append(f"<details><summary>Warnings</summary><ul>{items}</ul></details>")
    parts.append("</div>")
    return "\n".join(parts)


def _table(table: dict[str, Any]) -> str:
    if not table["rows"]:
        return ""
    align = ["right" if right else "left" for _, right in table["columns"]]
    head = "".join(
        f'<th style="text-align:{side}">{escape(title)}</th>'
        for (title, _), side in zip(table["columns"], align)
    )
    body = []
    for cells, depth, strong in table["rows"]:
        weight = "bold" if strong else "normal"
        row = ""
        for column, (text, side) in enumerate(zip(cells, align)):
            indent = f";padding-left:{1 + 1.2 * depth:.1f}em" if column == 0 and depth else ""
            row += f'<td style="text-align:{side};font-weight:{weight}{indent}">{escape(text)}</td>'
        body.append(f"<tr>{row}</tr>")
    caption = f"<caption>{escape(table['caption'])}</caption>" if table["caption"] else ""
    return (
        f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )


def _svg(width: int, height: int, label: str, body: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(label)}" font-family="sans-serif" '
        f'font-size="11" fill="{_INK}">{"".join(body)}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def bars(title: str, items: Sequence[tuple[str, float, str]], signed: bool = False) -> str:
    """Horizontal bars: (label, value, value as text). Signed bars: green below zero, red above."""
    if not items:
        return ""
    width, row, left, room = 720, 18, 260, 330
    largest = max(abs(value) for _, value, _ in items) or 1.0
    body = [_text(0, 13, title)]
    for index, (label, value, shown) in enumerate(items):
        y = 22 + index * row
        length = abs(value) / largest * room
        colour = (_LOSS if value > 0 else _GAIN) if signed else _BAR
        body.append(_text(left - 8, y + 11, label, "end"))
        body.append(
            f'<rect x="{left}" y="{y + 2}" width="{length:.1f}" height="{row - 5}" '
            f'fill="{colour}"/>'
        )
        body.append(_text(left + length + 6, y + 11, shown))
    return _svg(width, 28 + len(items) * row, title, body)


class Dot(NamedTuple):
    x: float
    y: float
    strong: bool
    label: str


def scatter(title: str, x_title: str, y_title: str, dots: Sequence[Dot]) -> str:
    """Points; the strong ones are filled. Hovering shows a point's label."""
    if not dots:
        return ""
    width, height, left, bottom, top = 480, 280, 80, 40, 24
    x_low, x_high = min(d.x for d in dots), max(d.x for d in dots)
    y_low, y_high = min(d.y for d in dots), max(d.y for d in dots)

    def place(value: float, low: float, high: float, begin: float, end: float) -> float:
        return begin + (value - low) / ((high - low) or 1.0) * (end - begin)

    axis = (
        f'<path d="M{left},{top} V{height - bottom} H{width - 10}" fill="none" stroke="{_INK}"/>'
    )
    body = [_text(0, 13, title), axis]
    body += [
        _text(left, height - bottom + 16, f"{x_low:.4g}", "middle"),
        _text(width - 20, height - bottom + 16, f"{x_high:.4g}", "middle"),
        _text((left + width) / 2, height - 8, x_title, "middle"),
        _text(left - 6, height - bottom, money(y_low), "end"),
        _text(left - 6, top + 10, money(y_high), "end"),
        _text(left - 6, (top + height - bottom) / 2, y_title, "end"),
    ]
    for dot in dots:
        x = place(dot.x, x_low, x_high, left + 10, width - 20)
        y = place(dot.y, y_low, y_high, height - bottom - 8, top + 8)
        paint = f'fill="{_BAR}"' if dot.strong else f'fill="none" stroke="{_BAR}"'
        body.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5 if dot.strong else 3}" {paint}>'
            f"<title>{escape(dot.label)}</title></circle>"
        )
    return _svg(width, height, title, body)
