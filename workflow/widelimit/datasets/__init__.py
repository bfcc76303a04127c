"""Data sets: bundled, fetched, generated, or the user's own; all end as one labelled file."""

from widelimit.datasets.images import images, labels, sides
from widelimit.datasets.load import load
from widelimit.datasets.prepare import prepare
from widelimit.datasets.samples import Samples

__all__ = ["Samples", "images", "labels", "load", "prepare", "sides"]
