"""The fake Maya; see maya_fake."""
