"""What is known of language models from elsewhere before one is opened."""

from studio.api import ImporterCard, Paper

LANGUAGE_MODEL = ImporterCard(
    id="causal_lm",
    family="transformer",
    title="Language model (GPT-2, LLaMA and what is built like them)",
    papers=(
        Paper(
            title="Radford et al., Language Models are Unsupervised Multitask Learners, 2019",
            url="https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf",
        ),
        Paper(
            title="Touvron et al., LLaMA: Open and Efficient Foundation Language Models, 2023",
            url="https://arxiv.org/abs/2302.13971",
        ),
    ),
    mark="config.json",
    outline="studio_transformer.language_model_folder:outline",
    implementation="studio_transformer.language_model:open_language_model",
)
