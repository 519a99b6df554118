"""studio list"""

from argparse import ArgumentParser, Namespace

from studio.cli.command import Answer, columns
from studio.engine.local import LocalEngine


def arguments(parser: ArgumentParser) -> None:
    """None beyond the common ones."""


def run(options: Namespace) -> Answer:
    """Methods by family, models, and plugins that are not well."""
    engine = LocalEngine()
    methods, models, plugins = engine.methods(), engine.models(), engine.plugins()
    ill = [plugin for plugin in plugins if not plugin.healthy]
    rows = [("METHOD", "FAMILY", "MODELS OF", "WHAT IT DOES")]
    rows += [(method.id, method.family, ", ".join(method.kinds), method.summary) for method in methods]
    blocks = [
        columns(rows),
        columns([("MODEL", "METHOD", "DATA"), *((m.reference, m.card.method, m.card.dataset) for m in models)]),
    ]
    blocks += [f"Plugin {plugin.name} does not load: {plugin.error}" for plugin in ill]
    data = {"methods": methods, "models": [model.reference for model in models], "plugins": plugins}
    return Answer(data, "\n\n".join(blocks))
