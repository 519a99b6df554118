"""Every family and system that the studio was asked for: which method is it, which laws hold, how good did it get?

python -m tests.benchmarks.zoo --laws [METHOD ...]    hold the methods of the table to every law that is not yet judged
python -m tests.benchmarks.zoo --readme               write the table, with the zoo's, into README.md
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.engine.plugins.discover import discover
from studio.engine.training.laws import check
from studio.engine.usable import USES
from tests.benchmarks.zoo.line import Line, Result

VERDICTS = Path(__file__).parent / "laws.json"
COLUMNS = {
    "trains": ("finite loss", "resume equals", "a cancelled run"),
    "exports": ("every graph agrees", "make the same samples"),
    "graph": ("runs in a graph",),
    "comparison": ("measured in a comparison",),
}
Verdicts = Mapping[str, Mapping[str, Mapping[str, bool]]]
"""Whether laws hold, by method, kind of data and law."""


@dataclass(frozen=True)
class System:
    """Something that was asked for by name, the method that is it, and the zoo's line that says how good it got."""

    named: str
    method: str
    line: str


SYSTEMS = (
    System("GAN", "dcgan", "dcgan breast_cancer c2st"),
    System("GAN, on the plane", "r3gan", "r3gan twentyfive_gaussians modes"),
    System("GAN with a critic", "wgan_gp", "wgan_gp eight_gaussians sliced wasserstein"),
    System("StyleGAN", "stylegan", "stylegan emoji frechet"),
    System("BigGAN", "biggan", "biggan mnist truncation"),
    System("DDPM", "ddpm", "ddpm digits solvers"),
    System("diffusion, preconditioned", "edm", "edm mnist"),
    System("diffusion by SDEs", "score_sde", "score_sde moons likelihood"),
    System("Stable Diffusion's design", "latent_diffusion", "latent_diffusion emoji words"),
    System("DALL-E 3's recipe", "recaptioned", "recaptioned emoji words"),
    System("normalizing flow", "spline", "spline digits bits"),
    System("normalizing flow, couplings", "realnvp", "realnvp eight_gaussians gap"),
    System("normalizing flow, invertible convolutions", "glow", "glow eight_gaussians gap"),
    System("normalizing flow, autoregressive", "maf", "maf eight_gaussians gap"),
    System("flow matching", "flow_matching", "flow_matching 8gaussians-moons adaptive"),
    System("flow matching, optimal transport", "ot_cfm", "ot_cfm 8gaussians-moons adaptive"),
    System("continuous flow", "cnf", "cnf moons likelihood"),
    System("rectified flow", "rectified_flow", "rectified_flow 8gaussians-moons reflow"),
    System("VAE", "vae", "vae digits bits"),
    System("VAE, weighted", "beta_vae", "beta_vae digits capacity"),
    System("VAE, importance-weighted", "iwae", "iwae digits bits"),
    System("VAE for latent models", "kl_autoencoder", "kl_autoencoder emoji psnr"),
    System("autoregressive: PixelCNN", "pixelcnn", "pixelcnn digits bits"),
    System("autoregressive: GPT", "gpt", "gpt shakespeare loss"),
    System("energy-based model", "ebm", "ebm eight_gaussians gap"),
    System("energy by denoising", "score_matching", "score_matching eight_gaussians gap"),
    System("PaLM-style transformer", "palm", "palm shakespeare loss"),
    System("ImageGPT", "image_gpt", "image_gpt digits bits"),
    System("NeRF", "nerf", "nerf still life"),
    System("NeRF, decomposed", "tensorf", "tensorf still life"),
    System("NeRF, hash grid", "hash_grid", "hash_grid still life"),
    System("VQ-VAE + transformer", "vq_vae", "vq_vae emoji vq psnr"),
    System("VQ-GAN", "vq_gan", "vq_gan emoji vq psnr"),
    System("diffusion + GAN", "diffusion_gan", "diffusion_gan 25 gaussians"),
    System("consistency model, trained", "consistency_training", "consistency_training mnist"),
    System("consistency model, distilled", "consistency_distillation", "consistency_distillation mnist"),
    System("Mamba", "mamba", "mamba shakespeare loss"),
    System("Mamba-2", "mamba2", "mamba2 shakespeare loss"),
)  # fmt: skip


def judge(names: Collection[str]) -> None:
    """Hold the table's methods, or those named, to the laws; a method that is judged already is left out unless it is named."""
    cards = discover().methods
    for method in names or dict.fromkeys(system.method for system in SYSTEMS):
        kept = verdicts()
        if method in kept and not names:
            continue
        found: dict[str, dict[str, bool]] = {}
        for verdict in check(cards[method], uses=USES):
            if verdict.space:
                found.setdefault(verdict.space, {})[verdict.law] = verdict.holds
            if not verdict.holds:
                print(f"{method} {verdict.space}: {verdict.law}: {verdict.detail}", flush=True)
        VERDICTS.write_text(json.dumps({**kept, method: found}, indent=1, sort_keys=True) + "\n")
        print(f"{method}: {', '.join(found)}", flush=True)


def verdicts() -> Verdicts:
    """What was judged so far."""
    return json.loads(VERDICTS.read_text()) if VERDICTS.exists() else {}


def table(lines: Mapping[str, Line], measured: Mapping[str, Result]) -> str:
    """A row for each system whose method was judged."""
    head = f"| asked for | method | kinds of data | {' | '.join(COLUMNS)} | quality |\n|{'---|' * (len(COLUMNS) + 4)}"
    judged = verdicts()
    return "\n".join(
        [head, *(_row(system, judged[system.method], lines, measured) for system in SYSTEMS if system.method in judged)]
    )


def _row(
    system: System, judged: Mapping[str, Mapping[str, bool]], lines: Mapping[str, Line], measured: Mapping[str, Result]
) -> str:  # fmt: skip
    cells = [system.named, f"`{system.method}`", ", ".join(judged), *(_cell(judged, words) for words in COLUMNS.values())]
    return f"| {' | '.join([*cells, _quality(system, lines, measured)])} |"


def _cell(judged: Mapping[str, Mapping[str, bool]], words: Collection[str]) -> str:
    """Yes where all laws whose names hold one of the words hold on all kinds of data, or else on which they do not."""
    broken = [kind for kind, laws in judged.items() if not _holds(laws, words)]
    return f"not on {', '.join(broken)}" if broken else "yes"


def _holds(laws: Mapping[str, bool], words: Collection[str]) -> bool:
    """Whether for each of the words there is a law, and it holds."""
    return all(any(word in law for law in laws) and all(laws[law] for law in laws if word in law) for word in words)


def _quality(system: System, lines: Mapping[str, Line], measured: Mapping[str, Result]) -> str:
    if system.line not in measured:
        return "not measured"
    line = lines[system.line]
    target = "" if line.target is None else f"; target {'≤' if line.better == 'lower' else '≥'} {line.target:g}"
    return f"{line.dataset}: {measured[line.name].ours:.4g} {line.metric}{target}"
