"""Synthetic faces, data sets, training, evaluation and benchmark programs."""
