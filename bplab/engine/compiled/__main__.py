"""``python -m bplab.engine.compiled`` compiles everything into the user's cache folder."""

import os

from bplab.engine.compiled import loader

if hasattr(os, "nice"):
    os.nice(10)  # whoever waits for a window to draw goes first
loader.fill_cache()
