"""Runs: a recipe becomes a run folder, a model folder becomes answers."""

from labeltree.runs.evaluation import run_evaluation
from labeltree.runs.model_folder import Model, load_model, save_model
from labeltree.runs.prediction import FileAnswer, predict_files
from labeltree.runs.training import run_training

__all__ = [
    "FileAnswer",
    "Model",
    "load_model",
    "predict_files",
    "run_evaluation",
    "run_training",
    "save_model",
]
