"""What a tile can be asked for: what it shows, a class, a prompt, and what to keep away from."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from studio.api.model import ModelCard
from studio.ui.arena import recipe
from studio.ui.panels import caption


class Wishes(QWidget):
    """A row for each thing that the model can be asked for; none where there is none.

    Signals:
        changed: the user asks for something else.
    """

    changed = Signal()

    def __init__(self, card: ModelCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.takes_text = bool(recipe.takes(card, "text"))
        self._shows = self._choice("Shows", {name: name for name in recipe.alike(card)}, least=2)
        classes = card.signature.classes if recipe.takes(card, "label") else ()
        self._label = self._choice("Class", {"any": "", **{name: name for name in classes}}, least=2)
        writes = card.signature.space.kind == "tokens"
        self._prompt = self._line("Prompt", "begin with…" if writes else "what it should show…", shown=self.takes_text)
        self._negative = self._line("Without", "what it should not show…", shown=recipe.takes_negative(card))
        if not self._column.count():
            self.hide()

    @property
    def sampler(self) -> str:
        """Which of the ways to show the same thing."""
        return str(self._shows.currentData() or "")

    @property
    def label(self) -> str:
        """The class; empty for any."""
        return str(self._label.currentData() or "")

    @property
    def prompt(self) -> str:
        """What to make, in words."""
        return self._prompt.text()

    @property
    def negative(self) -> str:
        """What to keep away from, in words."""
        return self._negative.text()

    def ask(self, prompt: str) -> bool:
        """Take over a prompt, where the model reads any; whether that is another one than before."""
        if not self.takes_text or prompt == self.prompt:
            return False
        self._prompt.setText(prompt)
        return True

    def _choice(self, title: str, items: dict[str, str], least: int) -> QComboBox:
        made = QComboBox(self)
        for text, value in items.items():
            made.addItem(text, value)
        made.activated.connect(self.changed)
        self._place(title, made, len(items) >= least)
        return made

    def _line(self, title: str, hint: str, shown: bool) -> QLineEdit:
        made = QLineEdit(self)
        made.setPlaceholderText(hint)
        made.textEdited.connect(self.changed)
        self._place(title, made, shown)
        return made

    def _place(self, title: str, editor: QWidget, shown: bool) -> None:
        if not shown:
            editor.hide()
            return
        row = QHBoxLayout()
        row.setSpacing(8)
        label = caption(title)
        label.setMinimumWidth(84)
        editor.setAccessibleName(title)
        editor.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row.addWidget(label)
        row.addWidget(editor, 1)
        self._column.addLayout(row)
