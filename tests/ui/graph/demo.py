"""A realistic graph of eight nodes, built as a user would build it."""

from studio.engine.graph.document import Graph
from studio.ui.graph.catalog import Catalog
from studio.ui.graph.editing import Editing
from tests.ui.graph.playing import TYPES
from tests.ui.graph.sketches import into, out


def demo() -> Graph:
    """Two models from one noise, a class for one of them, everything side by side and saved."""
    editing = Editing(Catalog(TYPES))
    editing.add("model", (0.0, 96.0), model="starter:ddpm")
    editing.add("model", (0.0, 480.0), model="starter:vae")
    editing.add("noise", (288.0, 264.0), out("model", "model"), seed=7, count=16)
    editing.add("label", (288.0, -168.0), label="smileys")
    editing.add("sample", (576.0, -72.0), out("model", "model"), controls={"guidance_scale": 3.0, "steps": 30})
    editing.add("sample", (576.0, 432.0), out("model-2", "model"))
    editing.connect(out("noise", "latent"), into("sample", "noise"))
    editing.connect(out("noise", "latent"), into("sample-2", "noise"))
    editing.connect(out("label", "label"), into("sample", "label"))
    editing.add("grid", (888.0, 120.0), out("sample", "samples"), columns=4)
    editing.connect(out("sample-2", "samples"), into("grid", "b"))
    editing.add("save_image", (1176.0, 192.0), out("grid", "image"), name="four-ways")
    return editing.graph
