"""Data sets: bundled, fetched, generated, or the user's own; all end as one labelled file."""

from widelimit.datasets.bundled import BUNDLED
from widelimit.datasets.fetched import FETCHED, load_fetched
from widelimit.datasets.files import load_file
from widelimit.datasets.generated import DOMAINS, generate
from widelimit.datasets.prepare import prepare
from widelimit.datasets.samples import Samples

__all__ = [
    "BUNDLED",
    "DOMAINS",
    "FETCHED",
    "Samples",
    "generate",
    "load_fetched",
    "load_file",
    "prepare",
]
