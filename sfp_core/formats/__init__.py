"""File formats: one module each, with one writer and one reader. `FORMATS.md` explains them line by line."""
