"""The catalogue of the data sets that come with bplab, in the order of the menu."""

from __future__ import annotations

from bplab.catalogue import Catalogue
from bplab.data.dataset import Source
from bplab.data.more_synthetic import MORE_SYNTHETIC
from bplab.data.shipped import MORE_SHIPPED, SHIPPED
from bplab.data.synthetic import SYNTHETIC

__all__ = ["SOURCES", "Source"]

SOURCES: Catalogue[Source] = Catalogue("data set", *SYNTHETIC, *SHIPPED, *MORE_SYNTHETIC, *MORE_SHIPPED)
