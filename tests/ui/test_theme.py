"""The tokens keep their promises: words can be read, families can be told apart."""

import pytest

from studio.api.card import Family
from studio.ui import glyphs, theme
from studio.ui.theme import SCHEMES, Tokens


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
@pytest.mark.parametrize("text", ["text", "dim", "accent", "good_text", "warn_text", "bad_text"])
@pytest.mark.parametrize("ground", ["ground", "panel", "raised"])
def test_that_words_have_a_contrast_of_at_least_four_and_a_half(scheme: Tokens, text: str, ground: str) -> None:
    assert contrast(scheme[text], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_that_words_on_the_accent_can_be_read(scheme: Tokens) -> None:
    assert contrast(scheme.on_accent, scheme.accent) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_that_every_family_glyph_stands_out_from_every_panel(scheme: Tokens) -> None:
    for family in theme.FAMILIES.values():
        assert contrast(family.hue, scheme.panel) >= 3, family


def test_that_every_family_has_a_hue_and_a_glyph_of_its_own() -> None:
    assert set(theme.FAMILIES) == set(Family.__args__)  # type: ignore[attr-defined]
    assert len({style.hue for style in theme.FAMILIES.values()}) == 12
    shapes = [repr(glyphs.path(style.glyph).toFillPolygon().toList()) for style in theme.FAMILIES.values()]
    assert len(set(shapes)) == 12


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_that_the_style_sheet_is_small_and_names_no_unknown_token(scheme: Tokens) -> None:
    sheet = theme.style_sheet(scheme)
    assert len(theme._SHEET) < 3000
    assert "@" not in sheet
