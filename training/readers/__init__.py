"""Readers of labelled faces in the formats of other people's data sets; one small module a format."""
