"""Four small tables, as scikit-learn has them."""

from studio.api import Dataset, StudioError
from studio.engine.datasets.table_file import load_table
from studio.home import resources


def load_iris() -> Dataset:
    """150 irises: four lengths in centimetres and the species (Fisher, 1936)."""
    return _load("iris")


def load_wine() -> Dataset:
    """178 wines: thirteen measures and the grower (Aeberhard and Forina, 1991)."""
    return _load("wine")


def load_breast_cancer() -> Dataset:
    """569 tumours: thirty measures of cell nuclei and the diagnosis (Wolberg et al., 1995)."""
    return _load("breast_cancer")


def load_diabetes() -> Dataset:
    """442 patients: ten measures and the progression of the disease (Efron et al., Least Angle Regression, 2004)."""
    return _load("diabetes")


def _load(name: str) -> Dataset:
    file = resources() / "data" / f"{name}.csv"
    if not file.is_file():
        raise StudioError(f"The data set '{name}' is missing from this installation ({file}). Install Generative Studio again.")
    return load_table(file)
