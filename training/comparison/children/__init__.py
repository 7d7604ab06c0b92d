"""Programs that run in other people's environments; they import nothing of ours."""
