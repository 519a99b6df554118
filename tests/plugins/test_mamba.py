"""What both Mambas share, and the selective scan."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from studio_mamba.cards.mamba import MambaParams
from studio_mamba.cards.mamba2 import Mamba2Params
from studio_mamba.chunks import segment_sums
from studio_mamba.decoder import FASTEST, SLOWEST, CausalConvolution, RMSNorm, spread_steps
from studio_mamba.mamba import Mamba, SelectiveMixer, advance, chunked_scan, selective_scan
from studio_mamba.mamba2 import Mamba2

from studio.api import Image, ModelCard, Signature, Tokens
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.kit.sampler import sample
from tests.plugins.decoders import check_that_steps_give_the_logits_of_the_whole_sequence, random_tokens

SIGNATURE = Signature(space=Tokens(vocabulary=tuple("abcdefgh"), length=40))
SIZES = {"context": 16, "width": 32, "layers": 2}


def mamba(**params: object) -> Mamba:
    torch.manual_seed(0)
    return Mamba(SIGNATURE, MambaParams.model_validate(SIZES | {"longest": 80, "state": 4} | params)).eval()


def mamba2(**params: object) -> Mamba2:
    torch.manual_seed(0)
    return Mamba2(SIGNATURE, Mamba2Params.model_validate(SIZES | {"longest": 80, "state": 8, "head_width": 16} | params)).eval()


both = pytest.mark.parametrize("build", [mamba, mamba2])


def streams(tokens: int, *, most: float = 0.5) -> tuple[torch.Tensor, ...]:
    """Step sizes up to `most`, rates, inputs, B and C."""
    random = torch.Generator().manual_seed(0)
    delta = torch.rand(2, tokens, 6, generator=random) * most
    rates = -torch.rand(4, 6, generator=random) * 8
    x, b, c = (torch.randn(2, tokens, size, generator=random) for size in (6, 4, 4))
    return delta, rates, x, b, c


@both
def test_that_no_logit_sees_a_later_token_not_even_by_a_rounding_error(build):
    decoder = build().network
    tokens = random_tokens(decoder, 2, 70)
    changed = tokens.clone()
    changed[:, 40] = (changed[:, 40] + 1) % 8
    before, after = decoder(tokens), decoder(changed)
    assert torch.equal(before[:, :40], after[:, :40])
    assert (before[:, 40:] != after[:, 40:]).any(-1).all()


@both
def test_that_steps_give_the_logits_of_the_whole_text(build):
    check_that_steps_give_the_logits_of_the_whole_sequence(build().network)


@both
def test_that_the_memory_is_the_same_after_one_token_and_after_a_thousand(build):
    decoder = build().network
    sizes = [
        {name: tensor.shape for name, tensor in decoder.prefill(random_tokens(decoder, 2, tokens))[1].items()}
        for tokens in (1, 33, 1000)
    ]
    assert all(first == second for first, second in pairwise(sizes))


@both
def test_that_a_text_may_become_longer_than_the_training_window(build):
    sampler = build().samplers()["sample"]
    text = sample(sampler, 1, 0, {"prompt": torch.tensor([[1, 2, 3]])}, {"length": 50})[0]
    assert (text >= 0).sum() == 53


@both
def test_that_pictures_have_no_more_room_than_they_have_pixels(build):
    signature = Signature(space=Image(height=4, width=4, channels=1, levels=5), classes=("a", "b"))
    params = build().params
    assert type(build())(signature, params).network.context == 17


@both
def test_that_the_rates_of_decay_are_not_pulled_towards_zero(build):
    model = build()
    rates = {id(weight) for name, weight in model.network.named_parameters() if name.endswith("log_rates")}
    groups = model.stages()[0].setup(None).optimizer.param_groups
    assert len(rates) == 2
    assert rates <= {id(weight) for group in groups if group["weight_decay"] == 0.0 for weight in group["params"]}


@pytest.mark.slow
@pytest.mark.timeout(600)
@both
def test_that_a_session_takes_no_more_memory_for_a_long_text(build, tmp_path: Path):
    model = build(longest=4096)
    about = ModelCard(
        id="m", title="m", method="m", family="mamba", plugin="", signature=SIGNATURE, params={}, dataset="", run="", step=0,
        parameters=1, created="", studio="", samplers=(),
    )  # fmt: skip
    card = export(model, about, tmp_path / "model")
    carried = {port.name: port.shape for port in card.samplers[0].carry}
    assert sum(1 for shape in carried.values() if 4096 in shape) == 1
    opened = Model.open(tmp_path / "model", "cpu", 1)
    used = {moment.step: resident() for moment in opened.run(controls={"length": 3000})}
    assert used[3000] - used[300] < 2**20
    opened.close()


def resident() -> int:
    """Bytes of memory that the process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_that_the_scan_is_the_papers_recurrence():
    delta, rates, x, b, c = (tensor.double() for tensor in streams(20))
    state, expected = torch.zeros(2, 4, 6).double(), []
    for t in range(20):
        for s in range(4):
            state[:, s] = torch.exp(delta[:, t] * rates[s]) * state[:, s] + delta[:, t] * b[:, t, s, None] * x[:, t]
        expected.append((c[:, t, :, None] * state).sum(1))
    y, last = selective_scan(delta, rates, delta * x, b, c)
    torch.testing.assert_close(y, torch.stack(expected, dim=1))
    torch.testing.assert_close(last, state)


@pytest.mark.parametrize(("tokens", "chunk"), [(1, 4), (4, 4), (5, 4), (23, 8), (23, 5), (64, 16)])
def test_that_the_scan_in_chunks_is_the_scan_token_by_token(tokens, chunk):
    inputs = streams(tokens)
    for ours, expected in zip(chunked_scan(*inputs, chunk), selective_scan(*inputs), strict=True):
        torch.testing.assert_close(ours, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("scan", [selective_scan, lambda *inputs: chunked_scan(*inputs, 16)])
def test_that_a_state_that_is_forgotten_at_once_overflows_nothing(scan):
    delta, rates, x, b, c = (tensor.requires_grad_() for tensor in streams(64, most=1000.0))
    y, _ = scan(delta, rates, x, b, c)
    y.sum().backward()
    assert all(tensor.isfinite().all() for tensor in (y, delta.grad, rates.grad, x.grad, b.grad, c.grad))


def test_that_a_step_of_size_zero_leaves_the_state_as_it_is():
    _, rates, x, b, c = streams(1)
    state = torch.randn(2, 4, 6)
    nothing = torch.zeros(2, 6)
    assert torch.equal(advance(state, nothing, rates, nothing * x[:, 0], b[:, 0], c[:, 0])[1], state)


def test_that_step_sizes_inputs_and_outputs_depend_on_what_is_read():
    torch.manual_seed(0)
    mixer = SelectiveMixer(16, 32, 4, 4)
    for first, second in zip(*(mixer.selected(torch.randn(32)) for _ in range(2)), strict=True):
        assert not torch.allclose(first, second)


def test_that_decays_start_at_one_to_the_size_of_the_state():
    torch.testing.assert_close(SelectiveMixer(16, 32, 4, 4).rates, -torch.arange(1.0, 5)[:, None].expand(4, 32))


def test_that_step_sizes_start_between_their_limits():
    torch.manual_seed(0)
    steps = torch.nn.functional.softplus(spread_steps(1000))
    assert SLOWEST * 0.999 < steps.min() < 2 * SLOWEST
    assert FASTEST / 2 < steps.max() < FASTEST * 1.001


def test_that_the_convolution_sees_a_token_and_the_three_before_it():
    torch.manual_seed(0)
    convolution = CausalConvolution(3, 4)
    x = torch.randn(1, 12, 3)
    changed = x.clone()
    changed[:, 5] += 1
    differs = (convolution(x)[0] != convolution(changed)[0]).any(-1)[0]
    assert differs.nonzero().flatten().tolist() == [5, 6, 7, 8]


def test_that_the_norm_is_that_of_torch():
    torch.manual_seed(0)
    norm, x = RMSNorm(6), torch.randn(2, 3, 6) * 1e-2
    norm.weight.data.uniform_()
    torch.testing.assert_close(norm(x), torch.nn.functional.rms_norm(x, (6,), norm.weight, 1e-5))


def test_that_a_small_sum_keeps_its_digits_beside_a_large_one():
    x = torch.tensor([-1e6, -1e-3, -2e-3])
    torch.testing.assert_close(segment_sums(x)[2], torch.tensor([-3e-3, -2e-3, 0.0]))
