"""An experiment on one page of HTML that needs nothing else: no network, no script, no second file.

Colours follow the reader's theme; on paper they are the light ones.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from bplab import __version__
from bplab.experiment.environment import environment
from bplab.exports import facts
from bplab.exports.chart import chart
from bplab.exports.figures import figures
from bplab.exports.markup import markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bplab.exports.facts import Row, Table
    from bplab.exports.subject import Subject

_STYLE = """
:root { color-scheme: light dark; --page: 960px; LIGHT }
@media screen and (prefers-color-scheme: dark) { :root { DARK } }
* { box-sizing: border-box; }
body { margin: 0; padding: 40px 24px; background: var(--background); color: var(--text);
  font: 15px/1.5 system-ui, "DejaVu Sans", Helvetica, Arial, sans-serif; }
main { max-width: var(--page); margin: 0 auto; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 40px 0 12px; font-size: 18px; }
h3 { margin: 24px 0 8px; font-size: 14px; }
p { margin: 8px 0 0; }
.muted, footer { color: var(--muted); }
footer { margin-top: 48px; font-size: 13px; }
.card { background: var(--ground); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px; }
.tiles > div { flex: 1 1 128px; padding: 12px 16px; }
.tiles b { display: block; font-size: 21px; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--muted); font-size: 13px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 16px; }
.charts .card { max-width: 640px; }
.card > svg, .card img { display: block; width: 100%; height: auto; }
.notes { padding: 16px; white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 8px 14px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
tr > :first-child, .facts td, .words td, .words th { text-align: left; }
tr:last-child > * { border-bottom: 0; }
th { color: var(--muted); font-weight: 500; }
.facts th { width: 30%; }
.facts td { overflow-wrap: anywhere; }
@media print {
  body { padding: 0; font-size: 12px; background: none; }
  .charts { grid-template-columns: 1fr 1fr; }
  .card, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def page(subject: Subject, pictures: Mapping[str, bytes], palettes: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return the report.

    Parameters
    ----------
    subject : Subject
    pictures : mapping of str to bytes
        The network as SVG for the "light" and the "dark" theme.
    palettes : mapping of str to mapping
        The colours of both, as `bplab.exports.chart` names them.
    """
    title = markup(subject.data.dataset.name)
    body = "\n".join(_sections(subject, title, pictures, palettes["light"]))
    return _PAGE.format(title=f"{title} – bplab", style=_style(palettes), body=body).encode()


def _style(palettes: Mapping[str, Mapping[str, str]]) -> str:
    style = _STYLE
    for name, palette in palettes.items():
        style = style.replace(name.upper(), " ".join(f"--{role}: {color};" for role, color in palette.items()))
    return style


def _sections(subject: Subject, title: str, pictures: Mapping[str, bytes], palette: Mapping[str, str]) -> Iterable[str]:
    loss, norms, prediction = (
        f'<div class="card">{chart(figure, palette, ink=lambda name: f"var(--{name})")}</div>'
        for figure in figures(subject)
    )
    yield f'<h1>{title}</h1>\n<p class="muted">{markup(facts.architecture(subject))}</p>'
    yield _tiles(facts.headline(subject))
    if subject.spec.notes:
        yield f'<h2>Notes</h2>\n<div class="card notes">{markup(subject.spec.notes)}</div>'
    yield f'<h2>Network</h2>\n<div class="card">{_picture(pictures)}</div>'
    yield _table(facts.layers(subject))
    yield f'<h2>Training</h2>\n<div class="charts">{loss}{norms}</div>'
    yield _facts("Settings", facts.training(subject))
    yield f'<h2>Results</h2>\n<div class="charts">{prediction}</div>'
    yield from map(_table, facts.metrics(subject))
    yield f"<h2>Data</h2>\n{_facts('', facts.data(subject))}"
    machine = ", ".join(f"{name} {value}" for name, value in environment().items())
    yield f"<footer>Made with bplab {__version__} ({markup(machine)}).</footer>"


def _tiles(pairs: Iterable[tuple[str, str]]) -> str:
    tiles = (f'<div class="card"><b>{markup(value)}</b><span>{markup(name)}</span></div>' for name, value in pairs)
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _picture(pictures: Mapping[str, bytes]) -> str:
    encoded = (base64.b64encode(pictures[name]).decode() for name in ("light", "dark"))
    light, dark = (f"data:image/svg+xml;base64,{content}" for content in encoded)
    source = f'<source media="screen and (prefers-color-scheme: dark)" srcset="{dark}">'
    return f'<picture>{source}<img src="{light}" alt="The network, layer by layer"></picture>'


def _table(table: Table) -> str:
    head = "".join(f"<th>{markup(name)}</th>" for name in table.header)
    rows = "\n".join(_row(row) for row in table.rows)
    content = f'<table class="{table.kind}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<h3>{markup(table.title)}</h3>\n<div class="card scroll">{content}</div>'


def _facts(title: str, rows: Iterable[Row]) -> str:
    heading = f"<h3>{title}</h3>\n" if title else ""
    content = "\n".join(_row(row) for row in rows)
    return f'{heading}<div class="card"><table class="facts"><tbody>{content}</tbody></table></div>'


def _row(row: Row) -> str:
    first, *rest = map(markup, row)
    return f"<tr><th>{first}</th>{''.join(f'<td>{cell}</td>' for cell in rest)}</tr>"
