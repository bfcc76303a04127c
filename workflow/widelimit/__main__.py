"""``python -m widelimit`` is the command ``widelimit``."""

from widelimit.cli import app

app()
