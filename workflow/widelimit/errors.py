"""The error that means: what was asked for cannot be done, and here is what to change."""

__all__ = ["InputError"]


class InputError(ValueError):
    """Bad input from the user: the message says what was given, what is expected and what to do.

    Jobs report it without a traceback.
    """
