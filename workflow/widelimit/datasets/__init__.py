"""Data sets: bundled, fetched, generated, or the user's own; all end as one labelled file."""

from widelimit.datasets.load import load
from widelimit.datasets.prepare import images, prepare, sides
from widelimit.datasets.samples import Samples

__all__ = ["Samples", "images", "load", "prepare", "sides"]
