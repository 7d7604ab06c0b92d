"""Studies: ways to find landmarks, compared at the same budget. `python -m training.study` runs one."""
