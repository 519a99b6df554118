"""Tiny models with random weights, made and saved by transformers and diffusers themselves."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

TEXT = "the cat sat on the mat, and the dog saw it. a red apple on a green table."
END = "<|endoftext|>"


def tiny_tokenizer() -> Any:
    """A byte-level BPE of 300 symbols at most, as transformers keeps it."""
    from transformers import PreTrainedTokenizerFast

    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([TEXT] * 3, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, bos_token=END)


def tiny_language_model(kind: str, folder: Path, **changes: Any) -> tuple[Any, Any]:
    """A model and its tokenizer, saved in `folder`."""
    import transformers

    torch.manual_seed(0)
    tokenizer = tiny_tokenizer()
    ends = {"vocab_size": len(tokenizer), "bos_token_id": 0, "eos_token_id": 0}
    if kind == "gpt2":
        sizes = {"n_positions": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.5}
        model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**ends, **{**sizes, **changes}))
    else:
        sizes = {
            "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "max_position_embeddings": 64, "initializer_range": 0.3,
        }  # fmt: skip
        name = {"llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2"}[kind]
        config = getattr(transformers, f"{name}Config")(**ends, **{**sizes, **changes})
        model = getattr(transformers, f"{name}ForCausalLM")(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model.eval(), tokenizer


def tiny_clip_tokenizer(padding: str = END) -> Any:
    """CLIP's tokenizer with the bytes and four merges for a vocabulary."""
    from transformers import CLIPTokenizer

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("c", "a"), ("ca", "t</w>"), ("d", "o"), ("do", "g</w>")]
    symbols = [*alphabet, *(f"{mark}</w>" for mark in alphabet), *("".join(pair) for pair in merges), "<|startoftext|>", END]
    vocabulary = {symbol: place for place, symbol in enumerate(symbols)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, pad_token=padding, model_max_length=16)


def _text_encoder(kind: str, tokenizer: Any, width: int) -> Any:
    """With the numbers of special tokens that published pipelines have in their settings, which are wrong."""
    import transformers

    config = transformers.CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=16, projection_dim=24, bos_token_id=0, eos_token_id=2, pad_token_id=1,
        initializer_range=0.3,
    )  # fmt: skip
    return getattr(transformers, kind)(config)


def _unet(width: int, **changes: Any) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(**{
        "sample_size": 8, "in_channels": 4, "out_channels": 4, "block_out_channels": (16, 32), "layers_per_block": 1,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"), "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "cross_attention_dim": width, "attention_head_dim": 2, "norm_num_groups": 8, **changes,
    })  # fmt: skip


def _vae() -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D", "DownEncoderBlock2D"), up_block_types=("UpDecoderBlock2D", "UpDecoderBlock2D"),
        block_out_channels=(16, 16), latent_channels=4, norm_num_groups=8, sample_size=16,
    )  # fmt: skip


def _scheduler(**changes: Any) -> Any:
    from diffusers import DDIMScheduler

    return DDIMScheduler(**{
        "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "clip_sample": False,
        "set_alpha_to_one": False, "steps_offset": 1, **changes,
    })  # fmt: skip


def tiny_stable_diffusion(folder: Path, **scheduler: Any) -> Any:
    """A Stable Diffusion 1.x pipeline for 16x16 pictures, saved in `folder`."""
    from diffusers import StableDiffusionPipeline

    torch.manual_seed(0)
    tokenizer = tiny_clip_tokenizer()
    pipeline = StableDiffusionPipeline(
        vae=_vae(), text_encoder=_text_encoder("CLIPTextModel", tokenizer, 32), tokenizer=tokenizer, unet=_unet(32),
        scheduler=_scheduler(**scheduler), safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    return _saved(pipeline, folder)


def tiny_stable_diffusion_xl(folder: Path, **scheduler: Any) -> Any:
    """A Stable Diffusion XL pipeline, whose two tokenizers fill up short texts with different symbols, saved in `folder`."""
    from diffusers import StableDiffusionXLPipeline

    torch.manual_seed(0)
    tokenizers = tiny_clip_tokenizer(), tiny_clip_tokenizer("!")
    unet = _unet(
        56, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=24 + 6 * 8,
        transformer_layers_per_block=(1, 2), use_linear_projection=True, attention_head_dim=(2, 4),
    )  # fmt: skip
    pipeline = StableDiffusionXLPipeline(
        vae=_vae(), text_encoder=_text_encoder("CLIPTextModel", tokenizers[0], 32),
        text_encoder_2=_text_encoder("CLIPTextModelWithProjection", tokenizers[1], 24), tokenizer=tokenizers[0],
        tokenizer_2=tokenizers[1], unet=unet, scheduler=_scheduler(**scheduler), add_watermarker=False,
    )  # fmt: skip
    return _saved(pipeline, folder)


def _saved(pipeline: Any, folder: Path) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    pipeline.save_pretrained(folder, safe_serialization=True)
    return pipeline
