"""Takes the manual's pictures of the real window with the real engine, on a screen of its own.

Usage: python -m tests.ui.pictures [FOLDER [NAME ...]]

All pictures into resources/manual where nothing is said; needs xvfb, openbox, xdotool and imagemagick.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from studio.engine.engine import RunInfo
from studio.engine.graph.files import load
from studio.engine.runs.request import Budget, TrainRequest
from studio.home import resources
from studio.ui import app, preferences
from studio.ui.arena.place import ArenaPlace
from studio.ui.arena.tile import Tile
from studio.ui.graph.example import example
from studio.ui.graph.place import GraphPlace
from studio.ui.graph.session import title_of
from studio.ui.library.place import LibraryPlace
from studio.ui.main_window import MainWindow
from studio.ui.plane.view import PlaneView
from studio.ui.train.place import TrainPlace
from tests.ui.driving import Hand, screen
from tests.ui.path_script import PATIENCE, answer, click_node, place

NAMES = ("arena", "arena-light", "scene", "words", "graph", "library", "plugins", "train", "plane", "planes")
GRAPHS = ("compare-three-families", "between-two-digits", "one-model")
PREVIEWS = 10
PROMPT = "red apple"
DEMONSTRATIONS = (
    TrainRequest(
        method="ddpm", dataset="rings", budget=Budget(steps=1200), batch_size=256, title="DDPM on Rings",
        params={"width": 96, "timesteps": 200, "schedule": "linear", "prediction": "epsilon", "learning_rate": 2e-3},
    ),
    TrainRequest(
        method="vae", dataset="digits", budget=Budget(steps=800), title="VAE on Digits 8x8", params={"latent": 16, "width": 16}
    ),
)  # fmt: skip
SHOWN = TrainRequest(
    method="dcgan", dataset="mnist", budget=Budget(steps=1500), title="DCGAN on MNIST-5k", preview_every=6,
    params={"width": 16, "ema": 0.98},
)  # fmt: skip
PLANES = (
    (
        TrainRequest(
            method="r3gan", dataset="eight_gaussians", budget=Budget(steps=600), batch_size=256, title="R3GAN on 8 Gaussians",
            params={"latent": 2, "width": 64, "depth": 2, "penalty": 0.1, "penalty_end": 0.002},
        ),
        {"samples", "data", "discriminator"},
    ),
    (
        TrainRequest(method="ebm", dataset="moons", budget=Budget(steps=700), batch_size=256, title="EBM on Moons"),
        {"samples", "energy"},
    ),
    (
        TrainRequest(
            method="flow_matching", dataset="checkerboard", budget=Budget(steps=1500), batch_size=256,
            title="Flow matching on Checkerboard", params={"width": 96, "depth": 3, "learning_rate": 2e-3},
        ),
        {"samples", "data", "trajectories"},
    ),
    (
        TrainRequest(
            method="spline", dataset="eight_gaussians", budget=Budget(steps=600), batch_size=256, preview_every=1,
            title="Neural spline flow on 8 Gaussians", params={"couplings": 4, "width": 64, "learning_rate": 2e-3},
        ),
        {"samples", "data", "density"},
    ),
)  # fmt: skip
PLANE = 360


class Photographer:
    """Puts each place into a state worth seeing and keeps a picture of it."""

    def __init__(self, window: MainWindow, hand: Hand, folder: Path) -> None:
        self.window, self.hand, self.folder = window, hand, folder

    def take(self, names: Sequence[str]) -> None:
        """The pictures of these names."""
        self.hand.wait(lambda: self.window.current and self.window.isActiveWindow(), "the window", PATIENCE)
        if "library" in names:
            for request in DEMONSTRATIONS:
                self.window.bridge.ask("train", None, None, request)
        for name in names:
            getattr(self, name.replace("-", "_"))()

    def arena_light(self) -> None:
        self.window.dress("light")
        self.arena("arena-light")
        self.window.dress("dark")

    def arena(self, name: str = "arena") -> None:
        arena = self.go("ctrl+1", "arena", ArenaPlace)
        starters = [model for model in answer(self.window, self.hand, "models") if model.starter]
        self.hand.wait(lambda: len(arena.tiles) >= len(starters), "the tiles", PATIENCE)
        self.hand.wait(lambda: all(tile.frames for tile in arena.tiles.values()), "samples in every tile", 2 * PATIENCE)
        self.keep(name)

    def scene(self) -> None:
        """A scene that was turned by hand."""
        tile = self.filtered("analytic_scene")["starter:hash_grid-still_life"]
        before = tile.form.values()["azimuth"]
        self.hand.drag(tile.gallery, QPoint(120, 30))
        self.hand.wait(lambda: tile.form.values()["azimuth"] != before, "the camera followed")
        self.hand.rest(1000)
        self.hand.wait(lambda: tile.camera and not tile.camera.moving and tile.bar.isHidden(), "a sharp picture", PATIENCE)
        self.keep("scene")

    def words(self) -> None:
        """One prompt, two methods."""
        tiles = self.filtered("emoji")
        arena = place(self.window, self.hand, "arena", ArenaPlace)
        self.hand.click(arena._tools.prompt)
        self.hand.type(PROMPT)
        self.hand.wait(lambda: all(tile.wishes.prompt == PROMPT for tile in tiles.values()), "the prompt in every tile")
        self.hand.wait(lambda: all(tile.bar.isHidden() for tile in tiles.values()), "their pictures", 2 * PATIENCE)
        self.hand.rest(2000)
        self.keep("words")

    def filtered(self, dataset: str) -> dict[str, Tile]:
        """The arena's tiles of one data set, all with samples."""
        arena = self.go("ctrl+1", "arena", ArenaPlace)
        self.hand.wait(lambda: arena._tools.data.findData(dataset) > 0, "the data set", PATIENCE)
        arena._tools.data.setCurrentIndex(arena._tools.data.findData(dataset))
        arena._filter()
        shown = {name: tile for name, tile in arena.tiles.items() if tile.model.card.dataset == dataset}
        self.hand.wait(lambda: all(tile.frames and tile.bar.isHidden() for tile in shown.values()), "samples", 4 * PATIENCE)
        return shown

    def graph(self) -> None:
        known = {model.reference for model in answer(self.window, self.hand, "models")}
        graphs = [load(resources() / "graphs" / f"{name}.json") for name in GRAPHS]
        fitting = [g for g in graphs if {str(n.values["model"]) for n in g.nodes if n.type == "model"} <= known]
        graph = self.go("ctrl+3", "graph", GraphPlace)
        self.hand.wait(lambda: graph.catalog.types and graph.models, "node types and models")
        shown = fitting[0] if fitting else example(graph.catalog, graph.models)
        graph.open_graph(shown, title_of(shown, graph.models))
        sheet, last = graph.sheet(), shown.nodes[-1].id
        self.hand.wait(lambda: last in sheet.running.outcomes and not sheet.running.busy, "results", 2 * PATIENCE)
        self.hand.press("f")
        click_node(self.hand, graph, last)
        self.keep("graph")

    def library(self) -> None:
        self.hand.wait(lambda: len(self.done()) == len(DEMONSTRATIONS), "the trainings", 2 * PATIENCE)
        library = self.go("ctrl+4", "library", LibraryPlace)
        wall = library.wall
        self.hand.wait(lambda: all(thing.model for thing in wall.things() if thing.run), "their models")
        self.hand.wait(lambda: all(library.thumbnails.of(thing) for thing in wall.things()), "the pictures", 2 * PATIENCE)
        self.hand.click_row(wall, 0)
        self.hand.rest(6500)
        self.keep("library")

    def plugins(self) -> None:
        self.hand.press("ctrl+5")
        self.hand.wait(lambda: self.window.current == "plugins", "plugins")
        self.hand.rest(3000)
        self.keep("plugins")

    def train(self) -> None:
        train = self.go("ctrl+2", "train", TrainPlace)
        self.hand.wait(lambda: train.data.rows.count() and train.methods.cards, "data and methods")
        self.hand.click_row(train.data.rows, train.data.rows.keys().index(SHOWN.dataset))
        self.hand.wait(lambda: train._kind == "image", "the data")
        card = train.methods.cards[SHOWN.method]
        self.hand.click(train.methods.filters[card.method.family])
        self.hand.wait(lambda: not card.visibleRegion().isEmpty(), "the family alone")
        self.hand.click(card, QPoint(80, 20))
        train.setup.form.set_values(SHOWN.params)
        train.setup.budget.set_values({"steps": SHOWN.budget.steps})
        train._start(SHOWN)
        self.hand.wait(lambda: any(run.state == "running" for run in train.runs.values()), "it runs", PATIENCE)
        self.hand.wait(lambda: len(train.view.film._previews) >= PREVIEWS, "previews", 2 * PATIENCE)
        self.keep("train")
        self.end(train)

    def plane(self) -> None:
        """A training in the plane, on its way."""
        train = self.go("ctrl+2", "train", TrainPlace)
        request, layers = PLANES[-1]
        self.watch(train, request, 0.75, layers)
        self.keep("plane")
        self.end(train)

    def planes(self) -> None:
        """One close-up of each kind, side by side."""
        train = self.go("ctrl+2", "train", TrainPlace)
        with tempfile.TemporaryDirectory() as made:
            shots = [self.plane_of(train, request, layers, Path(made)) for request, layers in PLANES]
            small = ["-strip", "-colors", "255", "-define", "png:compression-level=9"]
            beside = ["-background", "none", "-splice", "12x0", "+append", "-chop", "12x0"]
            subprocess.run(
                ["convert", *map(str, shots), *beside, *small, str(self.folder / "planes.png")], check=True, timeout=60
            )

    def plane_of(self, train: TrainPlace, request: TrainRequest, layers: set[str], folder: Path) -> Path:
        """Train, and draw the plane as it is at the end."""
        self.watch(train, request, 1.0, layers)
        assert train.view.closeup is not None
        seen, small = train.view.closeup.plane, PlaneView()
        small.resize(PLANE, PLANE)
        small.dress(seen._hue)
        small.show_data(seen._data)
        small.show_plane(seen._plane, layers)
        file = folder / f"{request.method}.png"
        small.grab().save(str(file))
        self.end(train)
        return file

    def watch(self, train: TrainPlace, request: TrainRequest, share: float, layers: set[str]) -> None:
        """Start a training and let it show these layers when that share of it is done."""
        self.hand.wait(lambda: train.methods.cards, "the methods")
        before = set(train.runs)
        train._start(request)
        self.hand.wait(lambda: set(train.runs) - before, "the run is listed", PATIENCE)
        train._enlarge(True)
        film, step = train.view.film, share * (request.budget.steps or 0)
        self.hand.wait(lambda: film._previews and film._previews[-1].step >= step, "the previews", 4 * PATIENCE)
        closeup = train.view.closeup
        assert closeup is not None
        self.hand.wait(lambda: closeup._wished.file in closeup._seen and closeup.plane._data, "its layers")
        for name, made in closeup.switches.chips.items():
            if made.isChecked() != (name in layers):
                made.click()
        self.hand.rest(500)

    def end(self, train: TrainPlace) -> None:
        """Cancel what still trains."""
        for run in train.runs.values():
            if run.state == "running":
                self.window.bridge.ask("cancel", None, None, run.id)
        self.hand.wait(lambda: all(run.state != "running" for run in train.runs.values()), "it ended", PATIENCE)

    def done(self) -> list[RunInfo]:
        return [run for run in self.window.watch.runs if run.state == "done"]

    def go(self, keys: str, name: str, kind: type) -> object:
        self.hand.press(keys)
        return place(self.window, self.hand, name, kind)

    def keep(self, name: str) -> None:
        """Shoot the screen and keep it small."""
        for notice in self.window.notices.shown():
            notice.close_notice()
        shot = self.hand.shoot(name)
        small = ["-strip", "-dither", "None", "-colors", "255", "-define", "png:compression-level=9"]
        subprocess.run(["convert", str(shot), *small, str(self.folder / f"{name}.png")], check=True, timeout=60)


def inside(folder: Path, names: Sequence[str]) -> int:
    """On the screen: open the window and take the pictures."""
    preferences.write(theme="dark", tip_seen=True)
    window = app.open_window(QApplication([sys.argv[0]]), app.start_engine)
    with tempfile.TemporaryDirectory() as shots:
        try:
            Photographer(window, Hand(Path(shots)), folder).take(names)
        finally:
            window.close()
            window.bridge.close()
    return 0


def outside(folder: Path, names: Sequence[str]) -> int:
    """Make a screen and a home, and run again there."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made, screen(Path(made)) as variables:
        (Path(made) / "studio").mkdir()
        environment = {**variables, "STUDIO_HOME": str(Path(made) / "studio"), "STUDIO_PICTURES": "1"}
        return subprocess.run(
            [sys.executable, "-m", "tests.ui.pictures", str(folder), *names], env=environment, check=False
        ).returncode


if __name__ == "__main__":
    where = Path(sys.argv[1] if len(sys.argv) > 1 else resources() / "manual").absolute()
    wanted = sys.argv[2:] or NAMES
    sys.exit(inside(where, wanted) if os.environ.get("STUDIO_PICTURES") else outside(where, wanted))
