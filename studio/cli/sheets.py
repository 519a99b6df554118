"""Sounds and tables as pictures for people without a window."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from studio.engine.rendering import Rendering
from studio.home import resources

INK, DIM, PALE, GROUND = "#2F62E0", "#5B6472", "#EEF1F6", "#FFFFFF"
WAVE_WIDTH, WAVE_HEIGHT, SPECTRUM_HEIGHT, GAP = 256, 48, 96, 12
CELL_WIDTH, ROW, BARS = 110, 22, 40
MOST_COLUMNS, MOST_ROWS = 10, 16


def sounds(rendering: Rendering) -> Image.Image:
    """Waveforms over their spectrograms, in columns."""
    waves = np.frombuffer(rendering.pixels, "<f4").reshape(rendering.count, -1)
    spectra = np.frombuffer(rendering.spectra, np.uint8).reshape(rendering.count, rendering.height, rendering.width)
    across = max(1, round(np.sqrt(rendering.count * (WAVE_HEIGHT + SPECTRUM_HEIGHT) / WAVE_WIDTH)))
    down = -(-rendering.count // across)
    tall = WAVE_HEIGHT + SPECTRUM_HEIGHT
    sheet = Image.new("RGB", (across * (WAVE_WIDTH + GAP) + GAP, down * (tall + GAP) + GAP), GROUND)
    for k, (wave, spectrum) in enumerate(zip(waves, spectra, strict=True)):
        x, y = GAP + k % across * (WAVE_WIDTH + GAP), GAP + k // across * (tall + GAP)
        _wave(ImageDraw.Draw(sheet), x, y, wave)
        grey = Image.fromarray(255 - spectrum).resize((WAVE_WIDTH, SPECTRUM_HEIGHT), Image.Resampling.BILINEAR)
        sheet.paste(grey, (x, y + WAVE_HEIGHT))
    return sheet


def _wave(draw: ImageDraw.ImageDraw, left: int, top: int, wave: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> None:
    middle = top + WAVE_HEIGHT / 2
    for x, part in enumerate(np.array_split(np.clip(wave, -1, 1), WAVE_WIDTH)):
        if len(part):
            high, low = float(part.max()), float(part.min())
            draw.line((left + x, middle - high * WAVE_HEIGHT / 2, left + x, middle - low * WAVE_HEIGHT / 2), fill=INK)


def table(rendering: Rendering) -> Image.Image:
    """Names, histograms and the first rows of the first columns."""
    columns, rows = min(MOST_COLUMNS, len(rendering.columns)), min(MOST_ROWS, len(rendering.cells))
    top = ROW + BARS + 8
    sheet = Image.new("RGB", (columns * CELL_WIDTH + GAP, top + rows * ROW + GAP), GROUND)
    draw = ImageDraw.Draw(sheet)
    for k in range(1, rows, 2):
        draw.rectangle((0, top + k * ROW, sheet.width, top + (k + 1) * ROW), fill=PALE)
    for column in range(columns):
        _column(draw, GAP + column * CELL_WIDTH, rendering, column, rows)
    return sheet


def _column(draw: ImageDraw.ImageDraw, left: int, rendering: Rendering, column: int, rows: int) -> None:
    fonts = resources() / "fonts"
    head, cell = (ImageFont.truetype(str(fonts / name), 12) for name in ("Inter-Medium.otf", "JetBrainsMono-Regular.ttf"))
    width = CELL_WIDTH - GAP
    draw.text((left, 4), _short(rendering.columns[column].replace("_", " "), head, width), fill=DIM, font=head)
    heights = rendering.histograms[column]
    wide = width / max(1, len(heights))
    for k, height in enumerate(heights):
        x = left + k * wide
        draw.rectangle((x, ROW + BARS - height * BARS, x + max(1, wide - 2), ROW + BARS), fill=INK)
    for k, words in enumerate(cells[column] for cells in rendering.cells[:rows]):
        draw.text((left, ROW + BARS + 8 + k * ROW + 3), _short(words, cell, width), fill="#1A1D23", font=cell)


def _short(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    if font.getlength(text) <= width:
        return text
    return next((f"{text[:k]}…" for k in range(len(text), 0, -1) if font.getlength(f"{text[:k]}…") <= width), "…")
