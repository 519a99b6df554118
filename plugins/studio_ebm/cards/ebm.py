"""What is known of the energy-based model before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class EBMParams(Params):
    """Size of the energy network, and how its Langevin chains walk while it trains."""

    width: int = param(64, "Channels at full resolution, or the width of the network for points.", ge=8, le=512, logarithmic=True)
    depth: int = param(2, "Residual blocks, of pictures at each resolution.", ge=1, le=8)
    langevin_steps: int = param(20, "Moves of each chain in one training step.", ge=1, le=500, logarithmic=True)
    step_size: float = param(
        0.1, "Deviation of the noise of one move; it should not exceed the finest structure of the data.", ge=0.001, le=1.0,
        logarithmic=True,
    )  # fmt: skip
    temperature: float = param(
        1.0, "Heat of the chains: at 1 the energy is a log-density, less gives crisper pictures.", ge=0.0, le=2.0, basic=False
    )
    chains: int = param(5000, "Chains in the replay buffer.", ge=64, le=100_000, logarithmic=True, basic=False)
    restart: float = param(
        0.02, "Share of the drawn chains that begin anew from noise; of points and rows, share of the moves that offer it, which "
        "an exact rule takes or refuses.", ge=0.0, le=1.0, basic=False,
    )  # fmt: skip
    data_noise: float = param(
        0.0, "Deviation of noise added to the data, so that no energy needs to be infinitely steep.", ge=0.0, le=1.0
    )
    flatness: float = param(
        0.03,
        "Weight of the squared energies in the loss, which holds them near zero until the learning rate falls.",
        ge=0.0,
        le=10.0,
        basic=False,
    )
    learning_rate: float = param(1e-3, "Learning rate of Adam.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.998, "Decay of the averaged weights that samples are made with.", ge=0.0, le=0.99999, basic=False)


EBM = GeneratorCard(
    id="ebm",
    family="ebm",
    title="Energy-based model",
    summary="Learns a landscape that is low where data lies, and samples by walking downhill with noise.",
    papers=(
        Paper(
            title="Du and Mordatch, Implicit Generation and Generalization in Energy-Based Models, 2019",
            url="https://arxiv.org/abs/1903.08689",
        ),
        Paper(
            title="Du et al., Improved Contrastive Divergence Training of Energy Based Models, 2020",
            url="https://arxiv.org/abs/2012.01316",
        ),
        Paper(
            title="Grathwohl et al., Your Classifier is Secretly an Energy Based Model and You Should Treat it Like One, 2019",
            url="https://arxiv.org/abs/1912.03263",
        ),
        Paper(
            title="Roberts and Tweedie, Exponential Convergence of Langevin Distributions (the chains of points and rows), 1996",
            url="https://doi.org/10.2307/3318418",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    provides=("energy",),
    strengths=(
        "Any network can be the density: nothing has to be invertible or normalised.",
        "The energy tells familiar samples from strange ones.",
        "Energies add up, so that models can be combined.",
    ),
    weaknesses=(
        "Chains run inside every training step, and training can diverge.",
        "The likelihood is known up to a constant only.",
        "In many dimensions chains rarely cross from one mode to another.",
    ),
    presets={
        "toy": {"step_size": 0.08, "restart": 0.1, "steps": 2000, "batch_size": 256},
        "digits": {
            "width": 32,
            "depth": 1,
            "data_noise": 0.1,
            "step_size": 0.1,
            "langevin_steps": 20,
            "learning_rate": 3e-4,
            "steps": 2000,
            "batch_size": 64,
        },
        "emoji": {
            "width": 48,
            "depth": 1,
            "data_noise": 0.1,
            "step_size": 0.1,
            "langevin_steps": 30,
            "learning_rate": 1e-4,
            "steps": 4000,
            "batch_size": 32,
        },
        "GPU": {
            "width": 128,
            "depth": 2,
            "data_noise": 0.05,
            "step_size": 0.05,
            "langevin_steps": 60,
            "learning_rate": 1e-4,
            "chains": 10_000,
            "ema": 0.999,
            "steps": 30_000,
            "batch_size": 128,
        },
    },
    params=EBMParams,
    implementation="studio_ebm.ebm:EBM",
)
