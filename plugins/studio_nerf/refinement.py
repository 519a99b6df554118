"""The order in which a picture's pixels are computed: a coarse grid first, then ever finer ones between."""

import numpy as np
import torch
from torch import Tensor, nn

STRIDES = (16, 8, 4, 2, 1)
CHUNKS, SMALLEST = 64, 16


class Refinement(nn.Module):
    """An order in chunks, and for each pixel which computed one stands for it meanwhile.

    Attributes:
        chunk: pixels of a step.
        steps: until the picture is whole.
        order: the pixels of each step, counted row by row, (steps, chunk); the last pixel fills the last chunk.
        standing: by stride and pixel the place in the order of the pixel that may stand for it, (strides, height * width).
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        count = height * width
        self.chunk = max(SMALLEST, -(-count // CHUNKS))
        self.steps = -(-count // self.chunk)
        rows, columns = np.divmod(np.arange(count), width)
        level = np.stack([(rows % stride != 0) | (columns % stride != 0) for stride in STRIDES]).sum(0)
        order = np.lexsort((np.random.default_rng(0).permutation(count), level))
        place = np.argsort(order)
        corners = [rows // stride * stride * width + columns // stride * stride for stride in STRIDES]
        padded = np.pad(order, (0, self.steps * self.chunk - count), mode="edge")
        self.register_buffer("order", torch.from_numpy(padded.reshape(self.steps, self.chunk)), persistent=False)
        self.register_buffer("standing", torch.from_numpy(np.stack([place[corner] for corner in corners])), persistent=False)
        self.order: Tensor
        self.standing: Tensor

    def preview_steps(self, stride: int) -> int:
        """Steps until the grid with this stride is whole."""
        count = int((self.standing[STRIDES.index(stride)].unique()).numel())
        return -(-count // self.chunk)

    def fill(self, known: Tensor, done: Tensor) -> Tensor:
        """A picture of what is known after `done` steps: computed values (n, c, steps * chunk) -> (n, c, height * width)."""
        filled = known.index_select(2, self.standing[0])
        for standing in self.standing[1:]:
            filled = torch.where(standing < done * self.chunk, known.index_select(2, standing), filled)
        return filled
