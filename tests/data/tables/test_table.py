from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data.dataset import Classes, Dataset, Numbers
from bplab.data.tables import files
from bplab.data.tables.files import read_table
from bplab.data.tables.table import parse_table
from bplab.errors import DataError

IRIS = b"petal,sepal,species\n1,2,b\n3,4,a\n5,6,b\n"


def parsed(text, **choice):
    return parse_table("t.csv", text.encode() if isinstance(text, str) else text).dataset(**choice)


def column(values):
    """Return a table whose target has these values."""
    return "x,y\n" + "\n".join(f"{number},{value}" for number, value in enumerate(values))


# ---- what is read


def test_last_column_is_the_target_and_text_is_classes():
    dataset = parse_table("iris.csv", IRIS).dataset()
    assert dataset.name == "iris"
    assert dataset.feature_names == ("petal", "sepal")
    assert dataset.target.names == ("a", "b")
    np.testing.assert_array_equal(dataset.X, [[1, 2], [3, 4], [5, 6]])
    np.testing.assert_array_equal(dataset.target.labels, [1, 0, 1])


def test_preview_shows_text_as_read():
    read = parse_table("iris.csv", IRIS)
    assert read.columns == ("petal", "sepal", "species")
    assert read.n_rows == 3
    assert read.preview(2) == [("1", "2", "b"), ("3", "4", "a")]


def test_any_column_can_be_the_target():
    dataset = parsed("species,petal\nb,1\na,2\n", targets=["species"])
    assert dataset.feature_names == ("petal",)
    assert dataset.target.names == ("a", "b")


def test_several_targets_are_numbers_in_the_order_chosen():
    dataset = parsed("a,b,c\n1,2,3\n4,5,6\n", targets=["c", "a"])
    assert dataset.target.names == ("c", "a")
    np.testing.assert_array_equal(dataset.target.values, [[3, 1], [6, 4]])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["b", "a", "b"], Classes),
        ([0, 1, 0, 1, 0], Classes),
        ([0, 1, 0, 1], Numbers),  # two different values are not fewer than half of four
        ([0.5, 1, 0.5, 1, 0.5], Numbers),
        (list(range(20)) * 3, Classes),
        (list(range(21)) * 3, Numbers),
    ],
)
def test_kind_of_target_is_seen_from_its_values(values, kind):
    assert isinstance(parsed(column(values)).target, kind)


def test_kind_of_target_can_be_told():
    assert isinstance(parsed(column([0, 1, 0, 1]), kind="classes").target, Classes)
    assert isinstance(parsed(column([0, 1, 0, 1, 0]), kind="numbers").target, Numbers)


def test_numeric_classes_are_sorted_as_numbers_and_shown_short():
    target = parsed(column(["10", "2.0", "2", "10.0", "-0.5"]), kind="classes").target
    assert target.names == ("-0.5", "2", "10")
    np.testing.assert_array_equal(target.labels, [2, 1, 1, 2, 0])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_every_dialect_reads_the_same(delimiter, end, encoding):
    rows = [("größe", "art"), ("1.5", "ä"), ("2", "b")]
    dataset = parsed(end.join(delimiter.join(row) for row in rows).encode(encoding))
    assert dataset.feature_names == ("größe",)
    assert dataset.target.names == ("b", "ä")
    np.testing.assert_array_equal(dataset.X, [[1.5], [2.0]])


def test_utf_16_with_high_byte_first_is_read():
    assert parsed(b"\xfe\xff" + "a,b\n1,x\n2,y".encode("utf-16-be")).target.names == ("x", "y")


def test_decimal_commas_are_read_column_by_column():
    dataset = parsed("a;b;c\n3,14;1.5;x\n-2;2;y\n")
    np.testing.assert_array_equal(dataset.X, [[3.14, 1.5], [-2.0, 2.0]])


def test_quoted_text_may_hold_delimiters_quotes_and_line_ends():
    dataset = parsed('x,"the, class"\n1,"a, ""b"""\n2, "c\nd"\n')
    assert dataset.target.names == ('a, "b"', "c\nd")


def test_empty_lines_and_spaces_around_values_are_left_out():
    dataset = parsed("\n a , b \n\n 1 , x \n , \n2,y\n\n")
    assert dataset.feature_names == ("a",)
    assert dataset.target.names == ("x", "y")


def test_text_with_semicolons_does_not_change_the_delimiter():
    assert parsed('x,text\n1,"a; b; c"\n2,"d; e; f"\n').feature_names == ("x",)


def test_pixel_numbers_may_be_column_names():
    assert parsed("0,1,label\n5,6,a\n7,8,b\n").feature_names == ("0", "1")


@pytest.mark.parametrize("first", ["5.1,3.5,setosa\n", "5,3,setosa\n".replace("5", "5.0"), "7,3,9\n"])
def test_a_table_without_names_is_told_by_its_first_line(first):
    table = parse_table("t.csv", first.encode() + b"4.9,3,setosa\n4,2,virginica\n")
    assert table.columns == ("column 1", "column 2", "column 3")
    assert table.n_rows == 3
    assert table.reading.header is False
    assert table.rows.line(0) == 1


# ---- what is refused, and how


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv is empty."),
        ("\n \n", "t.csv is empty."),
        ("a,b\n", "t.csv has column names but no rows."),
        ("a,b\n1,x\n2\n", "t.csv, line 3: the number of values is not that of the 2 columns in the header."),
        (
            "a,b\n1\n1,2\n1\n1\n1\n\n1,2,3\n1\n1\n",
            "t.csv, lines 2, 4, 5, 6, 8 and 2 more: the number of values is not that of the 2 columns in the header.",
        ),
        ("a,b,a\n1,2,3\n", "t.csv, line 1: 2 columns are named 'a'."),
        ("\na,,b\n1,2,3\n", "t.csv, line 2: column 2 has no name."),
        ("a,b\n1,x\0\n", "t.csv, line 2: found a NUL character."),
        ('a,b\n1,x\n2,"y\n3,z\n', "t.csv, line 3: a quotation mark is out of place, or never closed."),
        ('a,b\n1,"x"y\n', "t.csv, line 2: a quotation mark is out of place, or never closed."),
        ("a,b\n1," + "x" * 200_000, "t.csv, line 2: a value is too long."),
        (b"\xef\xbb\xbfa,b\n1,\xff", "t.csv says that it is UTF-8, but byte 10 does not fit."),
        (b"\xff\xfea", "t.csv says that it is UTF-16, but byte 3 does not fit."),
        ("a,b\n1,x\nn/a,y\n", "t.csv, line 3, column 'a': 'n/a' is not a number."),
        ("a,b\n1,x\n,y\n", "t.csv, line 3, column 'a': the value is missing."),
        ("a,b\n1,x\n2,\n", "t.csv, line 3, column 'b': the value is missing."),
        ("a,b\n1,x\nNaN,y\n", "t.csv, line 3, column 'a': 'NaN' is not a number."),
        ("a,b\n1,x\n-inf,y\n", "t.csv, line 3, column 'a': '-inf' is not a finite number."),
        ("a,b\n1,x\n1e999,y\n", "t.csv, line 3, column 'a': '1e999' is not a finite number."),
        ("a,b\n1,x\n1_000,y\n", "t.csv, line 3, column 'a': '1_000' is not a number."),
        ("a,b\n1,x\n0x1F,y\n", "t.csv, line 3, column 'a': '0x1F' is not a number."),
        ("a;b\n1,5;x\n1.5;y\n2,5;x\n", "t.csv, line 3, column 'a': '1.5' is not a number."),
        ('a,b\n1,"x\ny"\nz,w\n', "t.csv, line 4, column 'a': 'z' is not a number."),
        ("a,b\n1,0\n2,1\n3,n/a\n", "t.csv, line 4, column 'b': 'n/a' is not a number."),
        ("a,b\n1,x\n2,x\n", "t.csv, column 'b': there is only one class, 'x'; there is nothing to learn."),
        ("a\n1\n2\n", "t.csv has no column left as an input."),
    ],
)
def test_fault_is_told_with_its_place_and_a_hint(text, message):
    with pytest.raises(DataError) as caught:
        parsed(text)
    assert caught.value.message == message
    assert caught.value.hint.endswith(".")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"targets": ["specis"]}, "t.csv has no column 'specis'."),
        ({"targets": ["petal", "sepal", "species"]}, "t.csv has no column left as an input."),
        ({"targets": ["petal", "sepal"], "kind": "classes"}, "t.csv: 2 targets cannot be classes."),
        ({"kind": "numbers"}, "t.csv, line 2, column 'species': 'b' is not a number."),
        ({"targets": ["petal"]}, "t.csv, line 2, column 'species': 'b' is not a number."),
    ],
)
def test_choice_of_targets_that_cannot_be_is_refused(choice, message):
    with pytest.raises(DataError) as caught:
        parsed(IRIS, **choice)
    assert caught.value.message == message


def test_unknown_target_is_answered_with_the_nearest_name():
    with pytest.raises(DataError) as caught:
        parsed(IRIS, targets=["specis"])
    assert caught.value.hint == "Did you mean 'species'? Its columns: 'petal', 'sepal', 'species'."


def test_more_classes_than_outputs_can_be_shown_are_refused():
    with pytest.raises(DataError, match="column 'y': there are 1001 classes"):
        parsed(column(f"name {number}" for number in range(1001)))


def test_message_stays_short_and_on_one_line():
    with pytest.raises(DataError) as caught:
        parsed('a,b\n"' + "long\n" * 1000 + '",x\n1,y\n')
    assert len(caught.value.message) < 120
    assert "\n" not in caught.value.message


# ---- files


def test_file_is_read(tmp_path):
    (tmp_path / "iris.csv").write_bytes(IRIS)
    assert read_table(tmp_path / "iris.csv").name == "iris.csv"


def test_missing_file_folder_and_pipe_are_refused_without_being_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing.csv", tmp_path / "pipe", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(DataError, match="is not there, or is not a file"):
            read_table(path)


def test_folder_without_images_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no folders with images"):
        read_table(tmp_path)


def test_unreadable_file_says_why(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "iris.csv").write_bytes(IRIS)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"iris.csv cannot be read: Permission denied\."):
        read_table(tmp_path / "iris.csv")


def test_file_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 2**20)
    (tmp_path / "big.csv").write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(DataError, match=r"big.csv is larger than 1 MB\."):
        read_table(tmp_path / "big.csv")


# ---- properties


def outcome(data):
    try:
        return parse_table("t.csv", data).dataset()
    except DataError as error:
        return error


@given(st.one_of(st.binary(max_size=200), st.text('ab01.,;\t|"\n\r -e', max_size=200).map(str.encode)))
def test_any_bytes_are_a_data_set_or_a_data_error(data):
    found = outcome(data)
    assert isinstance(found, Dataset) or found.message.startswith("t.csv")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1), st.sampled_from(";\t|"), st.booleans())
def test_numbers_written_are_the_numbers_read(numbers, delimiter, decimal_comma):
    cells = [repr(number).replace(".", "," if decimal_comma else ".") for number in numbers]
    dataset = parsed("\n".join([f"a{delimiter}b", *(f"{cell}{delimiter}0" for cell in cells)]), kind="numbers")
    np.testing.assert_array_equal(dataset.X[:, 0], numbers)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("Länge;Größe;Art\r\n1,5;1.200,25;schön\r\n2,5;3,5;häßlich\r\n".encode("cp1252"), "German, Windows"),
        ("Länge;Größe;Art\r\n1,5;1200,25;schön\r\n2,5;3,5;häßlich\r\n".encode("utf-8-sig"), "German, Excel"),
        ("Länge,Größe,Art\n1.5,1200.25,schön\n2.5,3.5,häßlich\n".encode("latin-1"), "Latin-1"),
        ("Länge\tGröße\tArt\r1.5\t1200.25\tschön\r2.5\t3.5\thäßlich\r".encode(), "an old Macintosh"),
        ("Länge;Größe;Art\n1,5;1200,25;schön\n2,5;3,5;häßlich\n".encode("utf-16"), "Unicode text"),
    ],
)
def test_tables_of_other_countries_and_systems_are_read_right_at_the_first_try(content, what):
    data = parse_table("t.csv", content).dataset(("Art",), "classes")
    assert data.feature_names == ("Länge", "Größe"), what
    assert data.X.tolist() == [[1.5, 1200.25], [2.5, 3.5]], what
    assert set(data.target.names) == {"schön", "häßlich"}, what
