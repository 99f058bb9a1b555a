"""``python -m bplab.engine.compiled`` compiles everything into the user's cache folder."""

from bplab.engine.compiled import loader

loader.fill_cache()
