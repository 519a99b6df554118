"""Make resources/data/{iris,wine,breast_cancer,diabetes}.csv from scikit-learn's own copies.

Needs scikit-learn. Run: python packaging/data/tables.py
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from sklearn import datasets

TARGET = Path(__file__).parents[2] / "resources" / "data"
CC_BY = "Creative Commons Attribution 4.0, https://creativecommons.org/licenses/by/4.0/"
LICENCE = """\
{name}.csv: {what}

Source: {source}; as in scikit-learn's sklearn.datasets.load_{name} (BSD-3-Clause, https://scikit-learn.org).
Licence of the data: {licence}
Change: written as CSV with its column names, the class as a word (packaging/data/tables.py).
"""
SOURCES = {
    "iris": ("R. A. Fisher, Iris, UCI Machine Learning Repository, 1936, https://doi.org/10.24432/C56C76", CC_BY),
    "wine": ("S. Aeberhard and M. Forina, Wine, UCI, 1991, https://doi.org/10.24432/C5PC7J", CC_BY),
    "breast_cancer": (
        "W. Wolberg et al., Breast Cancer Wisconsin (Diagnostic), UCI, 1995, https://doi.org/10.24432/C5DW2B",
        CC_BY,
    ),
    "diabetes": (
        "B. Efron et al., Least Angle Regression, 2004, https://doi.org/10.1214/009053604000000067",
        "passed on under the BSD-3-Clause licence of scikit-learn, which distributes it.",
    ),
}
LAST = {"iris": "species", "wine": "grower", "breast_cancer": "diagnosis", "diabetes": "progression"}


def main() -> None:
    """Write each table and its licence."""
    for name, (source, licence) in SOURCES.items():
        load = cast("Callable[..., Any]", getattr(datasets, f"load_{name}"))
        bunch = load(scaled=False) if name == "diabetes" else load()
        header = [*(str(column).removesuffix(" (cm)").replace(" ", "_").replace("/", "_") for column in bunch.feature_names),
                  LAST[name]]  # fmt: skip
        rows = [[*map(_number, row), _last(bunch, target)] for row, target in zip(bunch.data, bunch.target, strict=True)]
        with (TARGET / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
        what = f"{len(rows)} rows of {len(header)} columns, the last is the {LAST[name]}."
        (TARGET / f"{name}.LICENCE.txt").write_text(LICENCE.format(name=name, what=what, source=source, licence=licence), "utf-8")
        print(f"{name}: {len(rows)} rows, {(TARGET / f'{name}.csv').stat().st_size} bytes")


def _last(bunch: Any, target: Any) -> str:
    return str(bunch.target_names[target]) if "target_names" in bunch else _number(target)


def _number(value: float) -> str:
    """As short as it was in the source: at most seven digits."""
    return f"{float(value):.7g}"


if __name__ == "__main__":
    main()
