"""Confusion matrices made readable: classes folded, put in order and laid out as a tree to open."""

from labeltree.reports.confusion.cells import cells_table
from labeltree.reports.confusion.drawn import Drawn, DrawnMatrix, drawn
from labeltree.reports.confusion.page_data import page_data
from labeltree.reports.confusion.tree import ClassTree

__all__ = ["ClassTree", "Drawn", "DrawnMatrix", "cells_table", "drawn", "page_data"]
