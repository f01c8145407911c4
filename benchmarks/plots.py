"""The plots of docs/: readable in greyscale, the same bytes for the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from measure import Child

STYLES = (("black", "-", "o"), ("0.35", "--", "s"), ("0.55", "-.", "^"))
"""Shade, line and marker of each series: any one of the three tells them apart."""


def plot_scale(sizes: Sequence[int], series: Mapping[str, Sequence[Child]], path: Path) -> None:
    """Seconds and peak memory over the number of customers, both axes logarithmic."""
    with matplotlib.rc_context({"svg.hashsalt": path.name, "font.family": "DejaVu Sans", "font.size": 9}):
        figure = Figure(figsize=(8.6, 3.9), layout="constrained")
        time, memory = figure.subplots(1, 2)
        for axes, of, title in ((time, "seconds", "Time (seconds)"), (memory, "mb", "Peak memory (MB)")):
            for (name, runs), (shade, line, marker) in zip(series.items(), STYLES, strict=True):
                values = [getattr(r, of) for r in runs]
                axes.plot(sizes, values, color=shade, linestyle=line, marker=marker, markersize=4.5, label=name)
            top = max(getattr(runs[-1], of) for runs in series.values()) * 1.6
            linear = [top * sizes[-2] / sizes[-1], top]
            axes.plot(sizes[-2:], linear, color="0.75", linewidth=1, label="linear, for comparison")
            axes.set(xscale="log", yscale="log", xlabel="Customers", title=title)
            axes.set_xticks(sizes, [f"{n:,}" for n in sizes])
            axes.tick_params(which="minor", bottom=False)
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
            axes.grid(True, which="major", color="0.9", linewidth=0.6)
            axes.spines[["top", "right"]].set_visible(False)
        handles, names = time.get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
        nothing = {"Creator": None, "Date": None, "Format": None, "Type": None}
        figure.savefig(path, metadata=nothing, facecolor="white")
