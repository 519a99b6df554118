"""The one place where the window's looks are decided: tokens, palette, style sheet, families and ports."""

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from studio.home import resources


@dataclass(frozen=True)
class Tokens:
    """Colours of one scheme; `good`, `warn` and `bad` are for marks, their `_text` twins for words."""

    name: str
    ground: str
    panel: str
    raised: str
    line: str
    text: str
    dim: str
    accent: str
    on_accent: str
    good: str
    warn: str
    bad: str
    good_text: str
    warn_text: str
    bad_text: str

    def __getitem__(self, token: str) -> str:
        return str(getattr(self, token))


DARK = Tokens(
    name="dark", ground="#0F1115", panel="#171A21", raised="#1F242D", line="#2B313C", text="#E7EAF0", dim="#98A2B3",
    accent="#7AA2FF", on_accent="#0F1115", good="#3FB984", warn="#E8A93B", bad="#E5605E",
    good_text="#3FB984", warn_text="#E8A93B", bad_text="#F0827F",
)  # fmt: skip
LIGHT = Tokens(
    name="light", ground="#F6F7F9", panel="#FFFFFF", raised="#EEF1F5", line="#D9DEE6", text="#1A1D23", dim="#5B6472",
    accent="#2F62E0", on_accent="#FFFFFF", good="#3FB984", warn="#E8A93B", bad="#E5605E",
    good_text="#19774F", warn_text="#85590A", bad_text="#C03230",
)  # fmt: skip
SCHEMES = {"dark": DARK, "light": LIGHT}


class FamilyStyle(NamedTuple):
    """How a family looks everywhere: its hue, the name of its glyph (see `glyphs`) and its title."""

    hue: str
    glyph: str
    title: str


FAMILIES = {
    "gan": FamilyStyle("#D9574E", "gan", "GAN"),
    "diffusion": FamilyStyle("#3E8EDE", "diffusion", "Diffusion"),
    "flow": FamilyStyle("#14A08C", "flow", "Flow"),
    "flow_matching": FamilyStyle("#0F9CBC", "flow_matching", "Flow matching"),
    "vae": FamilyStyle("#8B6FE0", "vae", "VAE"),
    "autoregressive": FamilyStyle("#B98112", "autoregressive", "Autoregressive"),
    "ebm": FamilyStyle("#DE7426", "ebm", "Energy-based"),
    "transformer": FamilyStyle("#C95BA8", "transformer", "Transformer"),
    "nerf": FamilyStyle("#4FA04A", "nerf", "NeRF"),
    "hybrid": FamilyStyle("#8A8F3C", "hybrid", "Hybrid"),
    "consistency": FamilyStyle("#6E86A8", "consistency", "Consistency"),
    "mamba": FamilyStyle("#A5724B", "mamba", "Mamba"),
}


class PortStyle(NamedTuple):
    """How a port looks: its colour and the name of its shape (see `glyphs.port_path`)."""

    colour: str
    shape: str


PORTS = {
    "image": PortStyle("#2FA39A", "square"),
    "samples": PortStyle("#2FA39A", "square"),
    "latent": PortStyle("#9478E8", "hexagon"),
    "text": PortStyle("#C58B1B", "pill"),
    "conditioning": PortStyle("#C58B1B", "hexagon"),
    "label": PortStyle("#D9668C", "triangle"),
    "audio": PortStyle("#3E8EDE", "half"),
    "points": PortStyle("#59A34C", "circle"),
    "table": PortStyle("#A07B52", "rows"),
    "scene": PortStyle("#BD63C4", "diamond"),
    "model": PortStyle("#DE7426", "solid_hexagon"),
    "number": PortStyle("#7C8BA1", "ring"),
    "any": PortStyle("#8A93A3", "dot"),
}
SIZES = {"caption": 11, "body": 13, "section": 15, "title": 20}
RADIUS = {"panel": 8, "control": 6, "chip": 4}


class _Changes(QObject):
    changed = Signal()


changes = _Changes()


class _State:
    tokens = DARK
    reduced = False


def tokens() -> Tokens:
    """The scheme in force; painted widgets read it while painting."""
    return _State.tokens


def family_style(family: str) -> FamilyStyle:
    """Hue, glyph and title of a family."""
    return FAMILIES[family]


def port_style(kind: str) -> PortStyle:
    """Colour and shape of a port kind."""
    return PORTS.get(kind, PORTS["any"])


def motion() -> int:
    """Milliseconds an animation lasts: 140, or 0 with reduced motion."""
    return 0 if _State.reduced else 140


def reduce_motion(on: bool) -> None:
    """Switch animations off (or on)."""
    _State.reduced = on


def colour(token: str, alpha: float = 1.0) -> QColor:
    """A token ("accent") or "#rrggbb" as a colour."""
    made = QColor(token if token.startswith("#") else _State.tokens[token])
    made.setAlphaF(alpha)
    return made


def font(size: str = "body", *, mono: bool = False, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Inter (or JetBrains Mono) at a named size, with tabular figures."""
    made = QFont("JetBrains Mono" if mono else "Inter")
    made.setPixelSize(SIZES[size])
    made.setWeight(weight)
    if not mono:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


def mono(size: str = "caption") -> QFont:
    """JetBrains Mono, for numbers and code."""
    return font(size, mono=True)


def strong(size: str = "body") -> QFont:
    """Inter semi-bold."""
    return font(size, weight=QFont.Weight.DemiBold)


def load_fonts() -> None:
    """Make the shipped fonts known to Qt."""
    for file in sorted((resources() / "fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(file))


def system_scheme(app: QApplication) -> str:
    """What the desktop prefers; dark where it does not say."""
    return "light" if app.styleHints().colorScheme() == Qt.ColorScheme.Light else "dark"


def apply(app: QApplication, scheme: str = "system") -> None:
    """Dress the whole application in "dark", "light" or what the system prefers."""
    _State.tokens = SCHEMES[system_scheme(app) if scheme == "system" else scheme]
    if app.style().objectName() != "fusion":
        app.setStyle("Fusion")
    app.setFont(font())
    app.setPalette(palette(_State.tokens))
    app.setStyleSheet(style_sheet(_State.tokens))
    changes.changed.emit()


def palette(scheme: Tokens) -> QPalette:
    """The tokens as a QPalette; dim text is `PlaceholderText`, so that a label follows the scheme by its foreground role."""
    role = QPalette.ColorRole
    roles = {
        role.Window: "ground", role.Base: "panel", role.AlternateBase: "raised", role.Button: "raised", role.Mid: "line",
        role.Dark: "line", role.Light: "raised", role.Midlight: "line", role.Shadow: "ground", role.ToolTipBase: "raised",
        role.WindowText: "text", role.Text: "text", role.ButtonText: "text", role.ToolTipText: "text", role.BrightText: "text",
        role.PlaceholderText: "dim", role.Highlight: "accent", role.HighlightedText: "on_accent", role.Link: "accent",
        role.LinkVisited: "accent", role.Accent: "accent",
    }  # fmt: skip
    made = QPalette()
    for key, token in roles.items():
        made.setColor(key, QColor(scheme[token]))
    for key in (role.WindowText, role.Text, role.ButtonText):
        faint = QColor(scheme.dim)
        faint.setAlphaF(0.6)
        made.setColor(QPalette.ColorGroup.Disabled, key, faint)
    return made


def style_sheet(scheme: Tokens) -> str:
    """The little that a palette cannot say."""
    icons = (resources() / "icons").as_posix()
    sheet = _SHEET.replace("@icons", icons)
    for name in sorted(Tokens.__dataclass_fields__, key=len, reverse=True):
        sheet = sheet.replace(f"@{name}", scheme[name])
    return sheet


_SHEET = """
QPushButton, QToolButton { background:@raised; color:@text; border:1px solid @line; border-radius:6px; padding:5px 12px; }
QToolButton { padding:5px 8px; } QToolButton[look="quiet"] { padding:3px; }
QPushButton:hover, QToolButton:hover { border-color:@dim; }
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked { background:@line; }
QPushButton:disabled, QToolButton:disabled { color:@dim; background:transparent; }
QPushButton[look="primary"] { background:@accent; color:@on_accent; border-color:@accent; font-weight:600; }
QPushButton[look="primary"]:hover { border-color:@text; }
QPushButton[look="primary"]:disabled { background:@raised; color:@dim; border-color:@line; }
QPushButton[look="quiet"], QToolButton[look="quiet"] { background:transparent; border-color:transparent; }
QToolButton[look="quiet"]:checked { background:@line; border-color:@dim; }
QPushButton[look="quiet"] { padding:5px 6px; text-align:left; }
QPushButton[look="quiet"]:hover, QToolButton[look="quiet"]:hover { background:@raised; }
QPushButton[look="chip"] { border-radius:4px; padding:1px 7px; font-size:11px; }
QPushButton[look="chip"]:checked { border-color:@accent; color:@accent; }
QPushButton:focus, QToolButton:focus { border:2px solid @accent; padding:4px 11px; }
QToolButton:focus { padding:4px 7px; } QToolButton[look="quiet"]:focus { padding:2px; }
QPushButton[look="chip"]:focus { padding:0 6px; } QPushButton[look="quiet"]:focus { padding:4px 5px; }
QPushButton[look="primary"]:focus { border-color:@text; }
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit { background:@raised; color:@text; border:1px solid @line; border-radius:6px;
 padding:4px 8px; selection-background-color:@accent; selection-color:@on_accent; }
QLineEdit:hover, QComboBox:hover { border-color:@dim; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border:2px solid @accent; padding:3px 7px; }
QLineEdit[wrong="true"] { border-color:@bad; }
QLineEdit:disabled, QComboBox:disabled { color:@dim; }
QComboBox::drop-down { border:0; width:22px; }
QComboBox::down-arrow { image:url(@icons/chevron-@name.svg); width:12px; height:12px; }
QComboBox QAbstractItemView, QMenu { background:@panel; color:@text; border:1px solid @line; padding:4px; outline:0; }
QMenu::item { padding:5px 20px 5px 12px; border-radius:4px; }
QMenu::item:selected { background:@raised; }
QToolTip { background:@raised; color:@text; border:1px solid @line; padding:4px 6px; }
QScrollBar { background:transparent; border:0; }
QScrollBar:vertical { width:10px; } QScrollBar:horizontal { height:10px; }
QScrollBar::handle { background:@line; border-radius:3px; margin:2px; min-height:28px; min-width:28px; }
QScrollBar::handle:hover { background:@dim; }
QScrollBar::add-line, QScrollBar::sub-line { width:0; height:0; }
QScrollBar::add-page, QScrollBar::sub-page { background:transparent; }
QSplitter::handle { background:transparent; }
"""
