import pytest
import torch

from studio.api import StudioError
from studio.engine.training.device import pick_device, pick_precision

GPU = torch.device("cuda", 0)
CPU = torch.device("cpu")


def test_that_auto_prefers_the_graphics_card(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto").type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device("auto").type == "mps"
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert pick_device("auto") == CPU


@pytest.mark.parametrize("name", ["cuda:99", "nonsense", "meta", ""])
def test_that_a_device_that_is_not_there_is_never_replaced_silently(name: str):
    with pytest.raises(StudioError, match="cannot be used.*Choose 'cpu' or 'auto'"):
        pick_device(name)


def test_that_auto_precision_is_bfloat16_where_the_card_has_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert pick_precision("auto", GPU) == "bfloat16"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    assert pick_precision("auto", GPU) == "float32"
    assert pick_precision("auto", CPU) == "float32"
    assert pick_precision("float16", GPU) == "float16"
