"""The input gradient as a graph, held against autograd."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

from studio.kit.gradgraph import GradientGraph, gradient_graph, input_gradient


class Perceptron(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 8), nn.SiLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(torch.cat([x, x.sin()], dim=1)[:, 1:3])[:, 0] + 0.5 * x.square().sum(1)


class Convolutional(nn.Module):
    """Odd sizes, strides, dilation, groups, normalisation and classes."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(2, 8, 4, stride=2, padding=1)
        self.norm = nn.GroupNorm(2, 8)
        self.grouped = nn.Conv2d(8, 8, 3, padding=2, dilation=2, groups=4)
        self.up = nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1)
        self.head = nn.Linear(4 * 5 * 7, 3)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        h = self.up(nn.functional.silu(self.grouped(self.norm(self.down(x)))))
        logits = self.head(h.flatten(1))
        return -logits.masked_fill(labels[:, None] != torch.arange(3), -1e9).logsumexp(1)


def cases() -> dict[str, tuple[nn.Module, list[tuple[Tensor, ...]]]]:
    torch.manual_seed(0)
    points = [(torch.randn(n, 2),) for n in (2, 1, 7)]
    pictures = [(torch.randn(n, 2, 7, 9), torch.arange(n) % 3) for n in (2, 1, 7)]
    return {"perceptron": (Perceptron(), points), "convolutional": (Convolutional(), pictures)}


@pytest.mark.parametrize("name", ["perceptron", "convolutional"])
def test_that_the_graph_is_autograds_gradient_at_any_batch_and_with_later_weights(name):
    network, batches = cases()[name]
    weights = dict(network.named_parameters())
    graph = gradient_graph(network, weights, *batches[0])
    with torch.no_grad():
        for weight in weights.values():
            weight.add_(0.1 * torch.randn_like(weight))
    for batch in batches:
        torch.testing.assert_close(graph(weights, *batch), input_gradient(network, *batch)[1], atol=1e-6, rtol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_that_an_exported_descent_keeps_the_modules_own_weights_and_any_batch(tmp_path):
    import onnxruntime

    network, batches = cases()["convolutional"]
    gradient = GradientGraph(network)

    class Descent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, x: Tensor, labels: Tensor) -> Tensor:
            return x - 0.1 * gradient(x, labels)

    batch = Dim("batch", min=1, max=64)
    program = torch.onnx.export(
        Descent().eval(), batches[0], dynamo=True, opset_version=18, verbose=False, dynamic_shapes=({0: batch}, {0: batch})
    )
    assert program is not None
    kept = {initializer.name for initializer in program.model_proto.graph.initializer}
    assert {"network.down.weight", "network.grouped.weight", "network.up.weight"} <= kept
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
    for x, labels in batches:
        (out,) = session.run(
            None, {port.name: array.numpy() for port, array in zip(session.get_inputs(), (x, labels), strict=True)}
        )
        np.testing.assert_allclose(out, (x - 0.1 * input_gradient(network, x, labels)[1]).numpy(), atol=1e-5)
