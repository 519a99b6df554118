"""Residual multi-layer perceptrons for points and table rows."""

from torch import Tensor, nn

from studio.kit.networks.embedding import ClassEmbedding, TimeEmbedding


class ResidualMLP(nn.Module):
    """(n, inputs) -> (n, outputs) through `depth` residual blocks of `width`, optionally shifted by an embedding (n, width)."""

    def __init__(self, inputs: int, outputs: int, width: int = 128, depth: int = 3, *, normalise: bool = False) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(_Block(width, normalise) for _ in range(depth))
        self.last = nn.Linear(width, outputs)

    def forward(self, x: Tensor, embedding: Tensor | float = 0.0) -> Tensor:
        h = self.first(x)
        for block in self.blocks:
            h = h + block(h + embedding)
        return self.last(h)


class _Block(nn.Sequential):
    def __init__(self, width: int, normalise: bool) -> None:
        norm = nn.LayerNorm(width) if normalise else nn.Identity()
        super().__init__(norm, nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))


class PointDenoiser(nn.Module):
    """(n, dimensions) at time (n,) in 0..1000, class (n,) or None -> (n, dimensions)."""

    def __init__(self, dimensions: int, width: int, depth: int, classes: int) -> None:
        super().__init__()
        self.time = TimeEmbedding(width)
        self.label = ClassEmbedding(classes, width)
        self.network = ResidualMLP(dimensions, dimensions, width, depth)

    def forward(self, x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.network(x, self.time(time) + self.label(labels, len(x)))
