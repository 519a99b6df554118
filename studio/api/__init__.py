"""The public contract: what a plugin may import. numpy, pydantic and pluggy; no Qt, no torch.

Example:
    >>> from studio.api import GeneratorCard, Params, hookimpl, param
"""

from studio.api.card import Family, GeneratorCard, Method, Paper, Slot
from studio.api.dataset import Dataset, DatasetCard, Problem
from studio.api.errors import Stopped, StudioError
from studio.api.hooks import API_VERSION, GROUP, hookimpl
from studio.api.importer import ImporterCard, ImportOptions, Outline
from studio.api.metric import MetricCard
from studio.api.model import ModelCard
from studio.api.node import Node, NodeContext, NodeType, node
from studio.api.noise import NoiseStream
from studio.api.params import Parameter, Params, describe, param, settle
from studio.api.sampler import Noise, Plan, Port, SamplerCard, ScoreCard
from studio.api.space import Audio, Column, Image, Points, Signature, Space, Table, Tokens, Views

__all__ = [
    "API_VERSION", "GROUP", "Audio", "Column", "Dataset", "DatasetCard", "Family", "GeneratorCard", "Image", "ImportOptions",
    "ImporterCard", "Method", "MetricCard", "ModelCard", "Node", "NodeContext", "NodeType", "Noise", "NoiseStream", "Outline",
    "Paper", "Parameter", "Params", "Plan",
    "Points", "Port", "Problem", "SamplerCard", "ScoreCard", "Signature", "Slot", "Space", "Stopped", "StudioError", "Table",
    "Tokens", "Views", "describe", "hookimpl", "node", "param", "settle",
]  # fmt: skip
