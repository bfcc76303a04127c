"""The configuration of a study: what a researcher edits, checked before any job starts."""

from widelimit.config.study import Study, check, read

__all__ = ["Study", "check", "read"]
