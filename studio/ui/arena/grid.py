"""Cards in equal columns that flow with the width."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

GAP, MARGIN, NARROWEST, WIDEST = 12, 16, 268, 400


class Grid(QWidget):
    """Lays its cards out in as many columns as fit; the cards of a row are equally high."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_cards(self, cards: list[QWidget]) -> None:
        """Show these cards, in this order, and hide the others."""
        for card in self._cards:
            card.setVisible(card in cards)
        self._cards = list(cards)
        for card in cards:
            card.setParent(self)
            card.show()
        self.lay_out()

    def columns(self) -> int:
        """How many columns fit."""
        usable = self.width() - 2 * MARGIN + GAP
        return max(1, min(max(1, len(self._cards)), usable // (NARROWEST + GAP)))

    def lay_out(self) -> None:
        """Place the cards."""
        columns = self.columns()
        width = min(WIDEST, (self.width() - 2 * MARGIN - GAP * (columns - 1)) // columns)
        y = MARGIN
        for start in range(0, len(self._cards), columns):
            row = self._cards[start : start + columns]
            height = max(_height(card, width) for card in row)
            for column, card in enumerate(row):
                card.setGeometry(MARGIN + column * (width + GAP), y, width, height)
            y += height + GAP
        if self.minimumHeight() != y:
            self.setFixedHeight(y)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self.lay_out()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(600, self.minimumHeight())


def _height(card: QWidget, width: int) -> int:
    layout = card.layout()
    return layout.totalHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else card.sizeHint().height()
