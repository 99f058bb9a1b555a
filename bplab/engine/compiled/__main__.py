"""``python -m bplab.engine.compiled`` compiles everything into the user's cache folder."""

from bplab.engine.compiled import loader
from bplab.system import give_way

give_way(is_all=True)
loader.fill_cache()
