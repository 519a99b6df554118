"""Make resources/data/digits.npz from the copy of the optical digits that scikit-learn ships.

Run: python packaging/data/digits.py
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TARGET = Path(__file__).parents[2] / "resources" / "data"
LICENCE = """\
digits.npz: 1,797 handwritten digits of 8x8 pixels with 17 levels.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49 (its test part), as distributed with scikit-learn (BSD-3-Clause).
Licence of the data: Creative Commons Attribution 4.0 International, https://creativecommons.org/licenses/by/4.0/
Change: none but the file format (unsigned bytes 0 to 16, written by packaging/data/digits.py).
"""


def main() -> None:
    """Write the pictures (N, 8, 8) and their labels (N,)."""
    rows, target = load_digits(return_X_y=True)
    pictures, labels = np.asarray(rows, np.uint8).reshape(-1, 8, 8), np.asarray(target, np.uint8)
    np.savez_compressed(TARGET / "digits.npz", pictures=pictures, labels=labels)
    (TARGET / "digits.LICENCE.txt").write_text(LICENCE, "utf-8")
    print(f"digits: {pictures.shape}, levels {pictures.min()} to {pictures.max()}")


if __name__ == "__main__":
    main()
