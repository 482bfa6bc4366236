"""Predictions at any scale, with any backend: from pictures to rows of answers.

No torch here, but behind `open_predictor` where a model folder is opened.
"""

from labeltree.prediction.answering import Question
from labeltree.prediction.files import FileAnswer, predict_files, predict_pictures
from labeltree.prediction.looking import lanes
from labeltree.prediction.opening import open_predictor
from labeltree.prediction.sources import NamedImages
from labeltree.prediction.to_file import Written, check_out, predict_to_file

__all__ = [
    "FileAnswer",
    "NamedImages",
    "Question",
    "Written",
    "check_out",
    "lanes",
    "open_predictor",
    "predict_files",
    "predict_pictures",
    "predict_to_file",
]
