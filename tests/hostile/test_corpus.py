"""Every hostile file is refused with the right words, quickly, and without touching anything else."""

import re
import time

import pytest

from bplab import Experiment
from bplab.errors import FileError
from tests.hostile.corpus import corpus

FILES = list(corpus())
LONGEST_S = 1.0


def test_the_corpus_is_large_and_its_names_are_different():
    assert len(FILES) >= 150
    assert len({file.name for file in FILES}) == len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name[:60])
def test_it_is_refused_in_words_or_opens(file, tmp_path):
    path = tmp_path / "x.bplab"
    path.write_bytes(file.content)
    began = time.perf_counter()
    if not file.message:
        experiment = Experiment.open(path)
        experiment.trainer().run(1)
    else:
        with pytest.raises(FileError) as caught:
            Experiment.open(path)
        assert re.search(file.message, str(caught.value))
        assert "x.bplab" in caught.value.message
        assert caught.value.hint
        assert len(str(caught.value)) < 1000
    assert time.perf_counter() - began < 20 * LONGEST_S  # generous, for a machine that does other things too
    assert path.read_bytes() == file.content
    assert [p.name for p in tmp_path.iterdir()] == ["x.bplab"]
