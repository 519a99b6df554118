"""What is known of Stable Diffusion pipelines from elsewhere before one is opened."""

from studio.api import ImporterCard, Paper

STABLE_DIFFUSION = ImporterCard(
    id="diffusers",
    family="diffusion",
    title="Stable Diffusion 1.x, 2.x or XL in the layout of diffusers",
    papers=(
        Paper(
            title="Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021",
            url="https://arxiv.org/abs/2112.10752",
        ),
        Paper(title="Podell et al., SDXL: Improving Latent Diffusion Models, 2023", url="https://arxiv.org/abs/2307.01952"),
    ),
    mark="model_index.json",
    graphs=True,
    packages=("diffusers", "transformers"),
    outline="studio_diffusion.pipeline_folder:outline",
    implementation="studio_diffusion.stable_diffusion:open_pipeline",
)
