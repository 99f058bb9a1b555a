"""Every hostile file is refused with the right words, quickly, and without touching anything else."""

import re
import time
import tracemalloc

import pytest

from bplab import Experiment
from bplab.errors import FileError
from bplab.experiment import reading
from bplab.experiment.reading import read_with_stamp
from tests.hostile.corpus import corpus

FILES = list(corpus())
LONGEST_S = 1.0
MOST_BYTES = 64 * 2**20


def peak_of(path):
    """Return how many bytes were taken at most while a file was opened."""
    tracemalloc.start()
    try:
        read_with_stamp(path, blind=True)
    except FileError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak


@pytest.mark.parametrize("part", range(4))
def test_no_file_takes_much_memory(part, tmp_path):
    path = tmp_path / "x.bplab"
    for file in FILES[part::4]:
        path.write_bytes(file.content)
        assert peak_of(path) < MOST_BYTES, file.name


def test_memory_that_is_taken_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "read_bytes", lambda path, _: bytes(2 * MOST_BYTES)[:0] or path.read_bytes())
    path = tmp_path / "x.bplab"
    path.write_bytes(FILES[0].content)
    assert peak_of(path) > MOST_BYTES


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
