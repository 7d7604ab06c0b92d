"""Detectors beside each other: ours, trained rivals, and rivals off the shelf in environments of their own."""
