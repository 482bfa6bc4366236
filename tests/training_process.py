"""A process to be killed: it trains, or goes on, as a recipe says.

python training_process.py RECIPE.yaml OUT
"""

import sys
from pathlib import Path

from labeltree.recipes import Recipe
from labeltree.runs.training import run_training

if __name__ == "__main__":
    run_training(Recipe.from_yaml(Path(sys.argv[1])), Path(sys.argv[2]), resume=True)
