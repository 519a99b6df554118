"""A comparison as one HTML page that needs nothing else."""

import base64
import io
from html import escape
from pathlib import Path

from studio.api.dataset import Dataset
from studio.cli.output import picture
from studio.engine.comparison.compare import Row
from studio.engine.render import render
from studio.engine.runs.atomic import write_atomically

STYLE = """
body{font:15px/1.5 Inter,system-ui,sans-serif;margin:40px auto;max-width:1200px;padding:0 24px;background:#F6F7F9;
color:#1A1D23}
h1{font-size:24px}.models{display:flex;flex-wrap:wrap;gap:16px}
.model{background:#fff;border:1px solid #D9DEE6;border-radius:8px;padding:16px}
.model img{display:block;width:260px;image-rendering:pixelated}.model h2{font-size:15px;margin:0 0 8px}
table{border-collapse:collapse;margin-top:32px;background:#fff}td,th{border:1px solid #D9DEE6;padding:6px 12px;text-align:right}
td:first-child,th:first-child{text-align:left}td,pre{font-variant-numeric:tabular-nums}pre{white-space:pre-wrap;width:340px}
p{color:#5B6472}
"""


def write_page(rows: list[Row], dataset: Dataset, data: str, folder: Path) -> Path:
    """Write `index.html` into a folder; the path."""
    folder.mkdir(parents=True, exist_ok=True)
    tiles = "".join(_tile(row.title, row.model, row, dataset) for row in rows)
    title = escape(", ".join(row.title for row in rows))
    body = f"<h1>{title}</h1><div class=models>{tiles}{_real(dataset, data)}</div>{_table(rows)}"
    note = (
        "Times are wall time per sample on this machine, in batches of up to 64. "
        "Lower is better unless the metric says otherwise."
    )
    page = f"<!doctype html><meta charset=utf-8><title>Comparison</title><style>{STYLE}</style>{body}<p>{note}</p>"
    path = folder / "index.html"
    write_atomically(path, page.encode())
    return path


def _tile(title: str, model: str, row: Row, dataset: Dataset) -> str:
    return f"<div class=model><h2>{escape(title)}</h2>{_shown(row.samples, dataset)}<p>{escape(model)}</p></div>"


def _real(dataset: Dataset, data: str) -> str:
    return f"<div class=model><h2>Real data</h2>{_shown(dataset.train[:16], dataset)}<p>{escape(data)}</p></div>"


def _shown(samples: object, dataset: Dataset) -> str:
    rendering = render(samples, dataset.signature.space, 16)  # pyright: ignore[reportArgumentType]
    if rendering.kind == "texts":
        return "".join(f"<pre>{escape(text)}</pre>" for text in rendering.texts[:2])
    file = io.BytesIO()
    picture(rendering).save(file, "PNG")
    return f"<img src='data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}' alt='samples'>"


def _table(rows: list[Row]) -> str:
    names = sorted({name for row in rows for name in row.metrics})
    head = "".join(
        f"<th>{escape(name.replace('_', ' '))}</th>" for name in ("model", "parameters", "steps", "ms a sample", *names)
    )
    lines = [
        f"<tr><td>{escape(row.model)}</td><td>{row.parameters:,}</td><td>{row.steps}</td><td>{row.milliseconds:.2f}</td>"
        + "".join(f"<td>{row.metrics[name]:.4g}</td>" if name in row.metrics else "<td></td>" for name in names)
        + "</tr>"
        for row in rows
    ]
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"
