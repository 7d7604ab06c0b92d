"""The one exception family: a message in one line that says what, where, expected, got and what to do."""


class SfpError(Exception):
    """Input that cannot be used, told in one line. The command line prints it and exits with 1."""
