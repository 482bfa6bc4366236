"""Runs: a recipe becomes a run folder; a model folder is written, read and measured."""

from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.model_folder import Model, load_model, save_model
from labeltree.runs.training import run_training

__all__ = [
    "Model",
    "load_model",
    "run_evaluation",
    "run_training",
    "save_model",
]
