"""The Graph place: open graphs on tabs, kept from crash to crash."""

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.api.dataset import DatasetCard
from studio.api.node import NodeType
from studio.engine.engine import ModelInfo
from studio.engine.graph.document import Graph
from studio.ui.bridge import Bridge
from studio.ui.graph.background import Background
from studio.ui.graph.catalog import Catalog
from studio.ui.graph.example import example
from studio.ui.graph.filing import Filing
from studio.ui.graph.session import UNTITLED, OpenGraph, Session, read_session, title_of, write_session
from studio.ui.graph.sheet import Sheet
from studio.ui.graph.tabs import Tabs
from studio.ui.graph.tools import Tools
from studio.ui.place import Place

KEEP_AFTER = 800


class GraphPlace(Place):
    """Edits and runs graphs."""

    title = "Graph"

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.catalog = Catalog()
        self.models: list[ModelInfo] = []
        self._files = Background(bridge)
        self.filing = Filing(self._files, self)
        self._kept = Session()
        self._closed: list[OpenGraph] = []
        self._received: list[Sheet] = []
        self.tabs = Tabs()
        self.stack = QStackedWidget()
        self.toolbar = Tools(self)
        self._keeping = QTimer(self, singleShot=True, interval=KEEP_AFTER)
        self._keeping.timeout.connect(self._keep)
        self._arrange()
        self._shortcuts()
        self._files.do(read_session, self._restore, lambda words: self.told.emit("warning", words, ""))
        self._add(OpenGraph(UNTITLED, Graph()))
        self._ask()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)
        self.filing.opened.connect(self._add)
        self.filing.failed.connect(lambda words: self.told.emit("error", words, ""))
        self.tabs.chosen.connect(self._show)
        self.tabs.closed.connect(self._close)
        self.tabs.added.connect(lambda: self._add(OpenGraph(UNTITLED, Graph())))
        self.bridge.engine_back.connect(self._ask)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.finish)

    def _shortcuts(self) -> None:
        keys = {
            "Ctrl+Return": self.toolbar.run.click,
            "Ctrl+Shift+Return": self.toolbar.run_to.click,
            "Ctrl+.": self.toolbar.stop.click,
            "Ctrl+O": self.filing.choose,
            "Ctrl+S": lambda: self.filing.save(self.sheet()),
            "Ctrl+Shift+S": lambda: self.filing.save_as(self.sheet()),
            "Ctrl+Shift+T": self._reopen,
            "Ctrl+T": self.tabs.added.emit,
            "Ctrl+W": lambda: self._close(self.stack.currentIndex()),
        }
        for key, act in keys.items():
            QShortcut(QKeySequence(key), self, act)

    def tools(self) -> QWidget:
        """Run, files, undo."""
        return self.toolbar

    def receive(self, what: object) -> None:
        """Open a graph that another place sent."""
        if isinstance(what, Graph):
            sheet = self.open_graph(what, title_of(what, self.models))
            self._received.append(sheet)

    def open_graph(self, graph: Graph, title: str) -> Sheet:
        """Show a graph on a tab of its own; it is unsaved until it has a file."""
        return self._add(OpenGraph(title, graph, saved=False))

    def sheet(self) -> Sheet:
        """The tab in front."""
        sheet = self.stack.currentWidget()
        assert isinstance(sheet, Sheet)
        return sheet

    def sheets(self) -> list[Sheet]:
        """All tabs, from left to right."""
        found = [self.stack.widget(index) for index in range(self.stack.count())]
        return [sheet for sheet in found if isinstance(sheet, Sheet)]

    def entered(self) -> None:
        """Look for new models and put the keyboard on the canvas."""
        self._ask()
        self.sheet().canvas.setFocus()

    def _ask(self) -> None:
        self.bridge.ask("nodes", self._take_types)
        self.bridge.ask("datasets", self._take_datasets)
        self.bridge.ask("models", self._take_models)

    def _take_types(self, types: list[NodeType]) -> None:
        if types != list(self.catalog.types.values()):
            self.catalog = Catalog(types, self.catalog.datasets)
            self._refresh()

    def _take_datasets(self, cards: list[DatasetCard]) -> None:
        titles = {card.id: card.title for card in cards}
        if titles != self.catalog.datasets:
            self.catalog = Catalog(self.catalog.types.values(), titles)
            self._refresh()

    def _take_models(self, models: list[ModelInfo]) -> None:
        if models != self.models:
            self._name(models)
            self.models = models
            self._refresh()

    def _name(self, models: list[ModelInfo]) -> None:
        for sheet in self.sheets():
            if sheet in self._received and sheet.path is None:
                sheet.title = title_of(sheet.editing.graph, models)
        self._changed()

    def _refresh(self) -> None:
        for sheet in self.sheets():
            sheet.refresh(self.catalog, self.models)

    def _add(self, document: OpenGraph) -> Sheet:
        sheet = Sheet(self.bridge, self.catalog, self.models, document)
        replaced = self.sheet() if self.stack.count() and self.sheet().untouched else None
        self.stack.addWidget(sheet)
        self.stack.setCurrentWidget(sheet)
        if replaced is not None:
            self._drop(replaced)
        sheet.changed.connect(self._changed)
        sheet.running.busy_changed.connect(self._changed)
        sheet.notice.connect(lambda level, words: self.told.emit(level, words, ""))
        sheet.example_wanted.connect(lambda: self.open_graph(example(self.catalog, self.models), "Example"))
        self._changed()
        return sheet

    def _drop(self, sheet: Sheet) -> None:
        sheet.running.stop()
        self.stack.removeWidget(sheet)
        self._received = [other for other in self._received if other is not sheet]
        sheet.deleteLater()

    def _close(self, index: int) -> None:
        sheet = self.sheets()[index]
        if sheet.editing.graph.nodes:
            self._closed.append(sheet.document)
            if not sheet.editing.is_saved:
                self.told.emit("info", f"{sheet.title} was closed unsaved. Ctrl+Shift+T opens it again.", "")
        self._drop(sheet)
        if not self.stack.count():
            self._add(OpenGraph(UNTITLED, Graph()))
        self._changed()

    def _reopen(self) -> None:
        if self._closed:
            self._add(self._closed.pop())

    def _show(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        self._changed()

    def _changed(self) -> None:
        if self.stack.count():
            self.tabs.show_titles([(sheet.title, sheet.editing.is_saved) for sheet in self.sheets()], self.stack.currentIndex())
            self.toolbar.follow(self.sheet())
            self._keeping.start()

    def _session(self) -> Session:
        return Session(tuple(sheet.document for sheet in self.sheets()), self.stack.currentIndex())

    def _keep(self) -> None:
        session = self._session()
        if session != self._kept:
            self._kept = session
            self._files.do(lambda: write_session(session), lambda _: None, lambda words: self.told.emit("warning", words, ""))

    def _restore(self, session: Session) -> None:
        for document in session.tabs:
            if document.graph.nodes or document.path:
                self._add(document)
        if 0 <= session.current < self.stack.count():
            self._show(session.current)

    def finish(self) -> None:
        """Write what is not yet kept; called when the program ends."""
        self._keep()
        self._files.finish()
