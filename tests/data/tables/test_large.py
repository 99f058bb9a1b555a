"""Large tables: read by polars where all is plain, and then as the exact reader reads them."""

import numpy as np
import pytest

from bplab.data.tables import delimited, files
from bplab.data.tables.delimited import TextRows
from bplab.data.tables.files import read_table, sample_of, size_of
from bplab.data.tables.large import LargeRows
from bplab.data.tables.table import parse_table
from bplab.errors import DataError

SMALL = 70_000  # bytes: more than the beginning by which the form is found


def lines(count=3000, seed=1):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=count).tolist(), range(count), rng.integers(0, 3, count).tolist()
    rows = [f"{a!r},{b},{'pqr'[c]}" for a, b, c in zip(*columns, strict=True)]
    return ["a,b,kind", *rows]


def both(monkeypatch, content, name="t.csv"):
    """What either reader makes of it."""
    monkeypatch.setattr(delimited, "LARGE", 10**9)
    exact = parse_table(name, content)
    monkeypatch.setattr(delimited, "LARGE", SMALL)
    return exact, parse_table(name, content)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace(",", ";").replace(".", ","),
        lambda text: text.replace("kind", "größe"),
        lambda text: text.replace(",7,", ",,"),
        lambda text: text.replace(",400,", ",NA,"),
    ],
)
def test_both_readers_read_the_same(monkeypatch, change):
    exact, large = both(monkeypatch, change("\n".join(lines()) + "\n").encode())
    assert isinstance(large.rows, LargeRows)
    assert large.columns == exact.columns
    assert large.reading == exact.reading
    assert large.preview(5) == exact.preview(5)
    assert large.propose() == exact.propose()
    assert [large.rows.line(row) for row in (0, 2999)] == [exact.rows.line(row) for row in (0, 2999)]
    for place in range(3):
        assert np.array_equal(large.rows.numbers(place), exact.rows.numbers(place), equal_nan=True)
    assert large.rows.texts(2) == exact.rows.texts(2)
    (one, report), (other, same) = exact.imported(exact.propose()), large.imported(large.propose())
    assert np.array_equal(one.X, other.X)
    assert np.array_equal(one.target.labels, other.target.labels)
    assert report == same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: [*rows[:300], "1,2", *rows[300:]], "line 301: the number of values"),
        (lambda rows: [*rows[:300], "1,2,p,4", *rows[300:]], "line 301: the number of values"),
        (lambda rows: [*rows[:300], '1,2,"p', *rows[300:]], "line 301: a quotation mark"),
        (lambda rows: [*rows[:300], "1,2,p\0", *rows[300:]], "line 301: found a NUL"),
    ],
)
def test_what_polars_would_repair_is_refused(monkeypatch, change, message):
    monkeypatch.setattr(delimited, "LARGE", SMALL)
    with pytest.raises(DataError, match=message):
        parse_table("t.csv", "\n".join(change(lines())).encode())


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [*rows[:300], "", *rows[300:]],
        lambda rows: [rows[0], '1,2,"p, q"', *rows[1:]],
        lambda rows: ["# made", *rows],
    ],
)
def test_what_is_not_plain_goes_to_the_exact_reader(monkeypatch, change):
    monkeypatch.setattr(delimited, "LARGE", SMALL)
    table = parse_table("t.csv", "\n".join(change(lines())).encode())
    assert isinstance(table.rows, TextRows)
    assert table.n_rows in (3000, 3001)


def test_latin_1_is_read_whatever_the_size(monkeypatch):
    exact, large = both(monkeypatch, "\n".join([*lines(), "1,2,ö"]).encode("latin-1"))
    assert large.rows.texts(2) == exact.rows.texts(2)
    assert large.rows.texts(2)[-1] == "ö"


def test_text_among_numbers_is_named_by_both(monkeypatch):
    for table in both(monkeypatch, "\n".join(lines()).replace(",400,", ",x400,").encode()):
        with pytest.raises(DataError, match="line 402, column 'b': 'x400' is not a number"):
            table.imported(table.propose())


# ---- sizes, samples, and being stopped


def test_the_size_is_estimated_from_the_beginning(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines(50_000)), encoding="utf-8")
    size = size_of(path)
    assert size.n_bytes == path.stat().st_size
    assert size.rows == pytest.approx(50_000, rel=0.1)
    assert size.memory > size.n_bytes + 50_000 * 3 * 8


def test_a_sample_has_whole_rows_in_their_order(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines(5000)), encoding="utf-8")
    content = sample_of(path, 100, seed=3)
    rows = content.decode().splitlines()
    assert rows[0] == "a,b,kind"
    assert len(rows) == 101
    assert set(rows) <= set(lines(5000))
    numbers = [int(row.split(",")[1]) for row in rows[1:]]
    assert numbers == sorted(numbers)
    assert sample_of(path, 100, seed=3) == content
    assert sample_of(path, 100, seed=4) != content
    assert sample_of(path, 9000) == path.read_bytes()


def test_a_sample_is_drawn_evenly_across_pieces_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 1000)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{n},{n * n}\n" for n in range(3000)), encoding="utf-8")
    table = parse_table("t.csv", sample_of(path, 500))
    values = table.rows.numbers(0)
    assert np.array_equal(values**2, table.rows.numbers(1))
    assert values.mean() == pytest.approx(1500, abs=200)


def test_reading_can_be_stopped(tmp_path):
    path, seen = tmp_path / "t.csv", []
    path.write_text("\n".join(lines(20_000)), encoding="utf-8")

    def stop(done):
        seen.append(done)
        if done > 0.3:
            raise DataError("Stopped.", "")

    with pytest.raises(DataError, match="Stopped"):
        read_table(path, advance=stop)
    assert seen == sorted(seen)
    assert len(seen) > 2
