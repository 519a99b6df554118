"""What can be trained on: the datasets that ship, and the user's own folders, tables and texts."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.dataset import DatasetCard
from studio.engine.engine import DatasetInfo
from studio.ui import measures, theme
from studio.ui.bridge import Bridge
from studio.ui.buttons import button
from studio.ui.gallery import Gallery
from studio.ui.panels import Card, caption, section, words
from studio.ui.rows import Row, Rows
from studio.ui.train.symbols import Symbols

_GLYPHS = {"points": "diffusion", "image": "data", "tokens": "library", "audio": "wave", "views": "nerf", "table": "table"}
_UNITS = {"tokens": "symbols", "table": "rows", "audio": "sounds", "image": "pictures", "points": "points"}
_WORTH_NAMING = 4


class DataList(Card):
    """Choose a dataset; it is looked at and shown below.

    Signals:
        chosen: a dataset was looked at and can be trained on.
        failed: one could not be read: words, details.
    """

    chosen = Signal(object)
    failed = Signal(str, str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._cards: dict[str, Row] = {}
        self._asked = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(section("Data"))
        self.rows = Rows("Data")
        self.rows.setMinimumHeight(72)
        self.rows.currentItemChanged.connect(self._turn)
        column.addWidget(self.rows, 2)
        column.addWidget(self._make_look(), 1)
        self.symbols = Symbols()
        self.symbols.chosen.connect(self._read_in)
        column.addWidget(self.symbols)
        add = QHBoxLayout()
        add.setSpacing(8)
        add.addWidget(button("Add folder…", self._ask_folder))
        add.addWidget(button("Add file…", self._ask_file))
        column.addLayout(add)

    def _make_look(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._gallery = Gallery("Looking…", ratio=None)
        self._gallery.setMinimumHeight(56)
        self._gallery.setMaximumHeight(128)
        self._summary = caption("", wrap=True)
        self._problems = words("", theme.font("caption"), wrap=True)
        self._problems.hide()
        for widget in (self._gallery, self._summary, self._problems):
            column.addWidget(widget)
        return made

    def load(self) -> None:
        """Ask for the datasets."""
        self._bridge.ask("datasets", self._take)

    def choose(self, dataset: str) -> None:
        """Choose a dataset by id, or add a path and choose it."""
        if dataset not in self._cards:
            self._cards[dataset] = Row(Path(dataset).name, "your own", "folder")
            self.rows.show_rows(self._cards)
        self.rows.choose(dataset)

    def _take(self, cards: list[DatasetCard]) -> None:
        own = {key: row for key, row in self._cards.items() if row.glyph == "folder"}
        self._cards = {card.id: Row(card.title, card.kind, _GLYPHS[card.kind]) for card in cards} | own
        self.rows.show_rows(self._cards)
        if not self.rows.key() and cards:
            self.rows.choose(cards[0].id)

    def _turn(self) -> None:
        self.symbols.reset()
        self._look(self.rows.key())

    def _read_in(self, ending: str) -> None:
        self.chosen.emit(None)
        self._look(self.rows.key() + ending)

    def _look(self, dataset: str) -> None:
        if not dataset:
            return
        self._asked = dataset
        self._gallery.show_rendering(None)
        self._gallery.say("Looking…")
        self._summary.clear()
        self._problems.hide()
        self._bridge.ask(
            "inspect_dataset", lambda info: self._seen(dataset, info), lambda *why: self._unseen(dataset, *why), dataset
        )

    def _seen(self, dataset: str, info: DatasetInfo) -> None:
        if dataset != self._asked:
            return
        self._gallery.show_rendering(info.thumbnails)
        unit = _UNITS.get(info.card.kind, "samples")
        counts = f"{measures.amount(info.count)} {unit}, {measures.amount(info.validation)} held out"
        self._summary.setText(f"{counts}. {info.card.summary}")
        self._summary.setToolTip(f"Licence: {info.card.licence}")
        self.symbols.setVisible(info.card.kind == "tokens")
        self._show_problems([f"{problem.file}: {problem.reason}" for problem in info.problems])
        self.chosen.emit(info)

    def _show_problems(self, problems: list[str]) -> None:
        more = len(problems) - _WORTH_NAMING
        shown = [*problems[:_WORTH_NAMING], *([f"and {more} more"] if more > 0 else [])]
        self._problems.setText(f"{measures.plural(len(problems), 'remark')}\n" + "\n".join(shown))
        self._problems.setToolTip("\n".join(problems[:40]))
        palette = self._problems.palette()
        palette.setColor(self._problems.foregroundRole(), theme.colour("warn_text"))
        self._problems.setPalette(palette)
        self._problems.setVisible(bool(problems))

    def _unseen(self, dataset: str, why: str, details: str) -> None:
        if dataset == self._asked:
            self._gallery.say(why)
            self.chosen.emit(None)
            self.failed.emit(why, details)

    def _ask_folder(self) -> None:
        chooser = QFileDialog(self.window(), "A folder of pictures or sounds")
        chooser.setFileMode(QFileDialog.FileMode.Directory)
        chooser.fileSelected.connect(self.choose)
        chooser.open()

    def _ask_file(self) -> None:
        kinds = "Texts and tables (*.txt *.md *.py *.csv *.tsv);;All files (*)"
        chooser = QFileDialog(self.window(), "A text or a table", "", kinds)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(self.choose)
        chooser.open()
