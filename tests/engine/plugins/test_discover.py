"""Whatever a stranger installs, the studio starts, names the culprit and keeps everyone else."""

import subprocess
import sys

import pytest

from studio.api import StudioError
from studio.engine.engine import PluginInfo
from studio.engine.plugins.discover import discover
from studio.engine.plugins.registry import Registry

METRIC = """
from studio.api import MetricCard, hookimpl

@hookimpl
def studio_metrics():
    return [MetricCard(id="{id}", title="T", summary="S", accepts=("points",), implementation="m:f")]
"""
METHOD = """
from studio.api import GeneratorCard, Params, hookimpl, param

class Settings(Params):
    width: int = param(8, "Width.", ge=1, le=64)

@hookimpl
def studio_generators():
    yield GeneratorCard(id="{id}", family="vae", title="T", summary="S", papers=(), accepts=("points",), params=Settings,
        implementation="nowhere:Nothing")
"""


def _plugin(registry: Registry, name: str) -> PluginInfo:
    return next(plugin for plugin in registry.plugins if plugin.name == name)


def test_that_a_plugin_s_offers_are_known_by_id_and_by_plugin(install):
    install("lamp", METHOD.format(id="glow-worm"))
    registry = discover()
    assert registry.method("glow-worm").parameters[0].name == "width"
    assert registry.method("glow-worm").plugin == "lamp"
    assert _plugin(registry, "lamp") == PluginInfo(
        name="lamp", version="1.2", module="lamp_plugin", healthy=True, methods=("glow-worm",)
    )


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("raise RuntimeError('no licence file')", "RuntimeError: no licence file"),
        ("import does_not_exist", "does_not_exist"),
        ("def", "SyntaxError"),
        ("import sys; sys.exit('goodbye')", "SystemExit: goodbye"),
        ("from studio.api import hookimpl\n@hookimpl\ndef studio_metrics():\n    raise KeyError('deep')", "KeyError: 'deep'"),
        ("from studio.api import hookimpl\n@hookimpl\ndef studio_metrics():\n    return 3", "studio_metrics() gave 3"),
        ("from studio.api import hookimpl\n@hookimpl\ndef studio_metrics():\n    return 'fid'", "studio_metrics() gave 'fid'"),
        (
            "from studio.api import hookimpl\n@hookimpl\ndef studio_metrics():\n    return [None]",
            "where a MetricCard is expected",
        ),
        ("from studio.api import hookimpl\n@hookimpl\ndef studio_metric():\n    return []", "studio_metric"),
        ("from studio.api import hookimpl\n@hookimpl\ndef studio_metrics(engine):\n    return []", "engine"),
    ],
)
def test_that_a_failing_plugin_is_named_and_the_others_live(install, code, error):
    install("broken", code)
    install("lamp", METRIC.format(id="brightness"))
    registry = discover()
    assert not _plugin(registry, "broken").healthy
    assert error in _plugin(registry, "broken").error
    assert _plugin(registry, "lamp").healthy
    assert "brightness" in registry.metrics


def test_that_the_traceback_of_a_failing_plugin_shows_its_own_line(install):
    install("broken", "def deep():\n    return 1 / 0\ndeep()")
    assert "return 1 / 0" in _plugin(discover(), "broken").traceback


def test_that_a_plugin_for_another_interface_is_refused_without_being_imported(install, tmp_path):
    canary = tmp_path / "imported"
    install("future", f"open({str(canary)!r}, 'w')", group="studio.v99")
    plugin = _plugin(discover(), "future")
    assert not plugin.healthy
    assert "version 99" in plugin.error
    assert "this studio has version 1" in plugin.error
    assert not canary.exists()


def test_that_a_plugin_for_two_interfaces_is_used_through_ours(install):
    both = "[studio.v1]\nlamp = lamp_plugin\n[studio.v2]\nlamp = lamp_plugin_of_tomorrow\n"
    install("lamp", METRIC.format(id="brightness"), entry_points=both)
    assert [plugin.healthy for plugin in discover().plugins if plugin.name == "lamp"] == [True]


def test_that_a_switched_off_plugin_is_listed_but_not_imported(install, tmp_path):
    canary = tmp_path / "imported"
    install("lamp", f"open({str(canary)!r}, 'w')")
    assert "switched off" in _plugin(discover({"lamp"}), "lamp").error
    assert not canary.exists()


def test_that_an_id_taken_by_another_plugin_is_refused_by_name(install):
    install("alpha", METRIC.format(id="distance"))
    install("beta", METRIC.format(id="distance"))
    registry = discover()
    assert _plugin(registry, "alpha").healthy
    assert "'distance', which plugin 'alpha' offers already" in _plugin(registry, "beta").error


def test_that_a_refused_plugin_leaves_nothing_behind(install):
    install("alpha", METRIC.format(id="distance"))
    install("beta", METRIC.format(id="distance") + METHOD.format(id="stray"))
    assert "stray" not in discover().methods


def test_that_unreadable_entry_points_are_named_and_stop_nobody(install):
    install("garbled", "", entry_points="[studio.v1\nthis is no ini file")
    install("lamp", METRIC.format(id="brightness"))
    registry = discover()
    assert "cannot be read" in _plugin(registry, "garbled").error
    assert _plugin(registry, "lamp").healthy


def test_that_an_unknown_method_is_answered_with_the_nearest_names(install):
    install("lamp", METHOD.format(id="glow-worm"))
    with pytest.raises(StudioError, match="There is no method 'glowworm'; did you mean 'glow-worm'"):
        discover().method("glowworm")


def test_that_an_unknown_method_is_answered_with_the_plugins_that_failed(install):
    install("broken", "raise RuntimeError('no licence file')")
    with pytest.raises(StudioError, match="'broken' .RuntimeError: no licence file"):
        discover().method("anything")


def test_that_a_checkout_that_was_not_set_up_says_so(monkeypatch):
    monkeypatch.setattr("studio.engine.plugins.discover.find", list)
    (plugin,) = discover().plugins
    assert not plugin.healthy
    assert "packaging/run.py" in plugin.error


def test_that_the_studio_s_own_plugins_are_healthy():
    own = [plugin for plugin in discover().plugins if plugin.module.startswith("studio")]
    assert [(plugin.name, plugin.error) for plugin in own if not plugin.healthy] == []
    assert {"vae", "gan", "diffusion", "transformer"} <= {plugin.name for plugin in own}


def test_that_discovery_is_quick_and_imports_neither_torch_nor_qt():
    code = """
import sys, time
from studio.engine.plugins.discover import discover
start = time.process_time()
discover()
print(time.process_time() - start, *{"torch", "onnx", "onnxruntime", "PySide6", "scipy"} & set(sys.modules))
"""
    seconds, *heavy = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert heavy == []
    assert float(seconds) < 0.3
