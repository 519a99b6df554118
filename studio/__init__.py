"""Generative Studio: train, run and honestly compare every family of generative AI."""

__version__ = "0.1.0"
