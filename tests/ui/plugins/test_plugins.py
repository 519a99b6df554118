"""The Plugins place: health, offers, errors, and the switch."""

import pytest

from studio.ui import theme
from studio.ui.plugins.offers import Offers, chips_of
from studio.ui.plugins.openings import needs
from studio.ui.plugins.place import PluginsPlace
from tests.ui.fake_engine import IMPORTERS, METHODS
from tests.ui.graph.playing import PlayingEngine, bridge_to
from tests.ui.library.shelf import fill


@pytest.fixture
def engine() -> PlayingEngine:
    made = PlayingEngine()
    fill(made)
    return made


@pytest.fixture
def place(engine, qtbot, qapp):
    theme.apply(qapp, "dark")
    bridge = bridge_to(engine)
    made = PluginsPlace(bridge)
    qtbot.addWidget(made)
    made.resize(1300, 800)
    made.show()
    made.entered()
    qtbot.waitUntil(lambda: len(made.cards) == 6)
    yield made
    bridge.close()
    qtbot.wait(50)


def card(place, name: str):
    return next(card for card in place.cards if card.plugin.name == name)


def test_that_the_broken_come_first_with_their_sentence_and_traceback(place) -> None:
    broken = place.cards[0]
    assert broken.plugin.name == "studio_fractals"
    assert broken.trouble.sentence.text() == "ModuleNotFoundError: No module named 'numba'"
    assert not broken.trouble.details.isVisible()
    broken.trouble.fold.click()
    assert broken.trouble.details.isVisible()
    assert "fractals/__init__.py" in broken.trouble.details.toPlainText()


def test_that_the_healthy_show_no_trouble(place) -> None:
    assert not card(place, "studio_gan").trouble.isVisible()


def test_that_the_header_counts_plugins_and_the_broken(engine, qtbot, place) -> None:
    with qtbot.waitSignal(place.subtitled) as told:
        place.reload()
    assert told.args == ["6 plugins, 1 broken"]


def test_that_offers_name_methods_by_title_and_carry_the_family(engine) -> None:
    gan = next(plugin for plugin in engine.plugins() if plugin.name == "studio_gan")
    assert chips_of(gan, {method.id: method for method in METHODS}, {}) == [("DCGAN", "gan", theme.family_style("gan").hue)]


def test_that_offers_take_more_lines_where_there_is_less_room(qtbot) -> None:
    offers = Offers([(f"method {k}", "data", "dim") for k in range(12)])
    qtbot.addWidget(offers)
    assert offers.heightForWidth(200) > offers.heightForWidth(900)


def test_that_a_plugin_is_switched_off_and_on_again(place, engine, qtbot) -> None:
    card(place, "studio_gan").switch.click()
    qtbot.waitUntil(lambda: engine.kept == {"disabled_plugins": ["studio_gan"]})
    qtbot.waitUntil(lambda: card(place, "studio_gan").off)
    assert not card(place, "studio_gan").switch.isChecked()
    card(place, "studio_gan").switch.click()
    qtbot.waitUntil(lambda: engine.kept == {"disabled_plugins": []})


def test_that_a_failing_engine_is_told_and_reload_can_be_tried_again(place, engine, qtbot) -> None:
    engine.trouble["methods"] = RuntimeError("no")
    with qtbot.waitSignal(place.told) as told:
        place.reload_button.click()
    assert told.args[0] == "error"
    assert place.reload_button.isEnabled()


def test_that_a_narrow_window_has_one_column(place) -> None:
    place.resize(500, 800)
    columns = {place._grid.getItemPosition(place._grid.indexOf(card))[1] for card in place.cards}
    assert columns == {0}


def test_that_a_plugin_says_what_models_it_opens_and_what_must_be_installed(place) -> None:
    (diffusers,) = card(place, "studio_diffusion").openings.lines
    assert diffusers.kind.text() == "Opens: Stable Diffusion in the layout of diffusers"
    assert diffusers.needs.text().endswith("diffusers is not installed beside the studio: python -m pip install diffusers")
    (language,) = card(place, "studio_transformer").openings.lines
    assert language.needs.text() == "Known by config.json in its folder. It needs nothing beside the studio."
    assert not card(place, "studio_gan").openings.lines


def test_that_installed_packages_are_said_to_be_there() -> None:
    there = IMPORTERS[0].model_copy(update={"absent": ()})
    assert needs(there).endswith("It needs diffusers and transformers beside the studio: installed.")
