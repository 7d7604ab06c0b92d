"""What the names of a rig's controllers mean: vocabularies as data, and which of them a rig speaks."""
