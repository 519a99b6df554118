"""Cards of methods, by family; the chosen one unfolds its paper, its strengths and weaknesses, and its presets."""

from html import escape
from itertools import groupby

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from studio.api.card import Method
from studio.ui import theme
from studio.ui.buttons import chip, glyph_button
from studio.ui.panels import Badge, Card, caption, scrolling, section, words

_THINGS = {
    "points": "points",
    "image": "pictures",
    "tokens": "text",
    "audio": "sound",
    "views": "posed pictures",
    "table": "tables",
}


class MethodList(QWidget):
    """Choose a method.

    Signals:
        chosen: a method's card was chosen.
        preset: a preset's chip was clicked: its values.
    """

    chosen = Signal(object)
    preset = Signal(dict)

    def __init__(self) -> None:
        super().__init__()
        self.cards: dict[str, MethodCard] = {}
        self.filters: dict[str, QToolButton] = {}
        self._titles: dict[str, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._make_head())
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(8)
        self._area = scrolling(inner)
        column.addWidget(self._area, 1)

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(0, 12, 12, 0)
        head.setSpacing(2)
        head.addWidget(section("Method"))
        head.addStretch(1)
        self._families = QHBoxLayout()
        self._families.setSpacing(2)
        head.addLayout(self._families)
        return head

    def show_methods(self, methods: list[Method]) -> None:
        """Show these methods, grouped by family."""
        for layout in (self._column, self._families):
            while (item := layout.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.deleteLater()
        order = list(theme.FAMILIES)
        self.cards, self._titles, self.filters = {}, {}, {}
        for family, group in groupby(sorted(methods, key=lambda m: order.index(m.family)), key=lambda m: m.family):
            self._add_family(family)
            for method in group:
                card = self.cards[method.id] = MethodCard(method)
                card.clicked.connect(lambda id=method.id: self.choose(id))
                card.preset.connect(self.preset)
                self._column.addWidget(card)
        self._column.addStretch(1)

    def _add_family(self, family: str) -> None:
        style = theme.family_style(family)
        self._titles[family] = caption(style.title)
        self._column.addWidget(self._titles[family])
        made = self.filters[family] = glyph_button(
            style.glyph, f"Only {style.title}", lambda: self._narrow(family), colour=style.hue
        )
        made.setCheckable(True)
        self._families.addWidget(made)

    def _narrow(self, family: str) -> None:
        """Show one family where its glyph is pressed, else all; all too where none is named."""
        for name, made in self.filters.items():
            made.setChecked(made.isChecked() and name == family)
        only = family if family and self.filters[family].isChecked() else ""
        for name, title in self._titles.items():
            title.setVisible(only in ("", name))
        for card in self.cards.values():
            card.setVisible(only in ("", card.method.family))

    def choose(self, id: str) -> None:
        """Choose a method by id."""
        if id not in self.cards:
            return
        if self.cards[id].isHidden():
            self._narrow("")
        for name, card in self.cards.items():
            card.set_selected(name == id)
        self._area.ensureWidgetVisible(self.cards[id])
        self.chosen.emit(self.cards[id].method)

    def fit(self, kind: str) -> None:
        """Dim the methods that cannot learn data of a kind, and say so."""
        for card in self.cards.values():
            card.fit(kind)


class MethodCard(Card):
    """One method."""

    preset = Signal(dict)

    def __init__(self, method: Method) -> None:
        super().__init__(selectable=True)
        self.method = method
        self.setAccessibleName(method.title)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(12)
        row.addWidget(Badge(method.family, 32), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        row.addLayout(column, 1)
        self._title = words(method.title, theme.strong())
        self._unfit = words("", theme.font("caption"))
        self._unfit.hide()
        self._summary = caption(method.summary, wrap=True)
        for widget in (self._title, self._unfit, self._summary):
            column.addWidget(widget)
        self._more = self._make_more()
        self._more.hide()
        column.addWidget(self._more)

    def _make_more(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        for sign, lines in (("+", self.method.strengths), ("\N{MINUS SIGN}", self.method.weaknesses)):
            for line in lines:
                column.addWidget(words(f"{sign} {line}", theme.font("caption"), wrap=True))
        for paper in self.method.papers:
            column.addWidget(_link(paper.title, paper.url))
        if self.method.presets:
            row = QHBoxLayout()
            row.setContentsMargins(0, 4, 0, 0)
            row.setSpacing(4)
            for name, values in self.method.presets.items():
                said = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in values.items())
                row.addWidget(chip(name.replace("_", " "), said, lambda v=values: self.preset.emit(dict(v))))
            row.addStretch(1)
            column.addLayout(row)
        return made

    def set_selected(self, on: bool) -> None:
        super().set_selected(on)
        self._more.setVisible(on)

    def fit(self, kind: str) -> None:
        """Dim the card where the method does not accept data of this kind."""
        fits = kind in self.method.kinds
        self._unfit.setText(f"learns {_joined([_THINGS[k] for k in self.method.kinds])}, not {_THINGS.get(kind, kind)}")
        self._unfit.setVisible(not fits)
        for label in (self._title, self._summary):
            label.setEnabled(fits)
        palette = self._unfit.palette()
        palette.setColor(self._unfit.foregroundRole(), theme.colour("warn_text"))
        self._unfit.setPalette(palette)


def _link(title: str, url: str) -> QLabel:
    made = QLabel(f'<a href="{escape(url, quote=True)}" style="text-decoration:none">{escape(title)}</a>')
    made.setFont(theme.font("caption"))
    made.setWordWrap(True)
    made.setOpenExternalLinks(True)
    made.setToolTip(url)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    return made


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
