"""Tables of other formats: the same data as the CSV they stand for, and words for what is wrong."""

import io
import zipfile

import numpy as np
import openpyxl
import polars as pl
import pytest

from bplab import Experiment
from bplab.data.tables import formats
from bplab.data.tables.files import read_table
from bplab.data.tables.formats import FORMATS, as_csv
from bplab.data.tables.table import parse_table
from bplab.errors import DataError

CSV = b"a,b,kind\n1,2.5,x\n3,4.5,y\n5,6.5,x\n7,0.001,y\n"
ROWS = [(1, 2.5, "x"), (3, 4.5, "y"), (5, 6.5, "x"), (7, 0.001, "y")]
ARFF = """% a comment
@RELATION 'own one'
@ATTRIBUTE a NUMERIC
@attribute 'b' real
@attribute kind {x, y}

@DATA
1, 2.5, x
3,4.5,'y'
5,6.5,x
7,0.001,y
"""


def saved(write):
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def sheet(rows):
    book = openpyxl.Workbook()
    book.create_sheet("second")
    for row in rows:
        book.worksheets[1].append(row)
    return saved(book.save)


NUMBERS = np.array([[1, 2.5, 0], [3, 4.5, 1], [5, 6.5, 0]])
SNNS = """SNNS pattern definition file V3.2
No. of patterns : 3
No. of input units : 2
No. of output units : 1

# Input pattern 1:
1 2.5
# Output pattern 1:
0
3 4.5
1
5 6.5 0
"""
GOOD = {
    "t.arff": (ARFF.encode(), CSV),
    "t.xlsx": (sheet([("a", "b", "kind"), *ROWS, (None, None, None)]), CSV),
    "t.parquet": (saved(pl.DataFrame(ROWS, schema=["a", "b", "kind"], orient="row").write_parquet), CSV),
    "t.npy": (
        saved(lambda s: np.save(s, NUMBERS)),
        b"column 1,column 2,column 3\n1.0,2.5,0.0\n3.0,4.5,1.0\n5.0,6.5,0.0\n",
    ),
    "t.npz": (
        saved(lambda s: np.savez(s, x_train=NUMBERS[:, :2].reshape(3, 2, 1), y_train=np.array([0, 1, 0]))),
        b"x1,x2,y\n1.0,2.5,0\n3.0,4.5,1\n5.0,6.5,0\n",
    ),
    "t.pat": (SNNS.encode(), b"input 1,input 2,output 1\n1,2.5,0\n3,4.5,1\n5,6.5,0\n"),
}


def test_every_format_is_tried():
    assert {name[1:] for name in GOOD} == set(FORMATS)


@pytest.mark.parametrize("name", GOOD)
def test_a_table_is_the_csv_that_it_stands_for(name):
    content, wanted = GOOD[name]
    assert as_csv(name, content) == wanted


@pytest.mark.parametrize("name", GOOD)
def test_an_experiment_is_made_of_it_and_opens_again_without_it(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(GOOD[name][0])
    experiment = Experiment.new(path, hidden=[3], batch_size=2)
    assert experiment.data.dataset.X.shape == (4 if GOOD[name][1] == CSV else 3, 2)
    experiment.trainer().run(5)
    experiment.save(tmp_path / "e.bplab")
    path.unlink()
    again = Experiment.open(tmp_path / "e.bplab")
    assert (again.data.dataset.X == experiment.data.dataset.X).all()
    assert again.spec.data.source.path.endswith("t.csv")


def test_what_is_missing_is_told_with_its_line(tmp_path):
    path = tmp_path / "t.arff"
    path.write_text(ARFF.replace("5,6.5", "5,?"), encoding="utf-8")
    with pytest.raises(DataError, match="line 4, column 'b': the value is missing"):
        read_table(path).dataset()


def test_merged_cells_have_their_value_everywhere():
    book = openpyxl.Workbook()
    for row in [(), ("a", "kind"), (1, "x"), (2, None), (3, "y")]:
        book.active.append(row)
    book.active.merge_cells("B3:B4")
    table = parse_table("t.csv", as_csv("t.xlsx", saved(book.save)))
    assert table.rows.texts(1) == ["x", "x", "y"]


def test_very_many_empty_rows_do_no_harm():
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    for row in [("a", "kind"), (1, "x"), (2, "y")]:
        page.append(row)
    for _ in range(3):
        page.append((None, None))
    content = saved(book.save)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            xml = old.read(member)
            if member.endswith("sheet1.xml"):
                empty = b"".join(b'<row r="%d"/>' % number for number in range(7, 300_007))
                xml = xml.replace(b"</sheetData>", empty + b"</sheetData>")
            new.writestr(member, xml)
    assert parse_table("t.csv", as_csv("t.xlsx", stream.getvalue())).n_rows == 2


def test_a_formula_without_its_value_is_named():
    with pytest.raises(DataError, match="cell B3: the value of its formula is not in the file"):
        as_csv("t.xlsx", sheet([("a", "b", "kind"), (1, 2, "x"), (3, "=A3*2", "y")]))


BAD = {
    "cut off": ("t.xlsx", GOOD["t.xlsx"][0][:300], "cannot be read"),
    "no sheet": ("t.xlsx", sheet([]), "no sheet with anything"),
    "no parquet": ("t.parquet", b"PAR1 but not", "cannot be read"),
    "objects": ("t.npy", saved(lambda s: np.save(s, np.array([{"a": 1}], dtype=object))), "cannot be read"),
    "three dimensions": ("t.npy", saved(lambda s: np.save(s, np.zeros((2, 2, 2)))), "3 dimensions"),
    "empty": ("t.npy", b"", "cannot be read"),
    "other arrays": ("t.npz", saved(lambda s: np.savez(s, p=np.zeros(2))), "no arrays X and y"),
    "lengths": ("t.npz", saved(lambda s: np.savez(s, X=np.zeros((2, 2)), y=np.zeros(3))), "same number of samples"),
    "no zip": ("t.npz", b"hello", "cannot be read"),
    "complex": ("t.npy", saved(lambda s: np.save(s, np.zeros((2, 2), complex))), "is no table"),
    "sparse": ("t.arff", ARFF.replace("1, 2.5, x", "{0 1}").encode(), "line 8: sparse rows"),
    "ragged": ("t.arff", ARFF.replace("1, 2.5, x", "1, x").encode(), "line 8: 2 values for 3"),
    "no data": ("t.arff", ARFF.split("@DATA")[0].encode(), "no @data"),
    "no arff": ("t.arff", CSV, "line 1: 'a,b,kind' is not a declaration"),
    "no type": ("t.arff", b"@attribute a\n@data\n1", "line 1: an attribute needs"),
    "a word": ("t.pat", SNNS.replace("3 4.5", "3 four").encode(), "line 10: 'four' is not a number"),
    "a number too few": ("t.pat", SNNS.replace("5 6.5 0", "5 6.5").encode(), "no patterns of 3"),
    "another count": ("t.pat", SNNS.replace("patterns : 3", "patterns : 4").encode(), "says 4 patterns and holds 3"),
    "no units": ("t.pat", b"No. of patterns : 1\n1 2", "how many input and output units"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_told(case):
    name, content, words = BAD[case]
    with pytest.raises(DataError, match=words) as told:
        as_csv(name, content)
    assert told.value.hint


def test_no_size_is_trusted():
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (90000000, 9000), }"
    npy = b"\x93NUMPY\x01\x00" + (len(header) + 1).to_bytes(2, "little") + header + b"\n"
    with pytest.raises(DataError, match="less than it says"):
        as_csv("t.npy", npy)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("X.npy", bytes(80 * 2**20))
        members.writestr("y.npy", b"")
    with pytest.raises(DataError, match="larger than 64 MB"):
        as_csv("t.npz", stream.getvalue())


def test_a_table_that_is_too_large_as_text_is_refused(monkeypatch):
    monkeypatch.setattr(formats, "LARGEST", 40)
    with pytest.raises(DataError, match="as text"):
        as_csv("t.npy", saved(lambda s: np.save(s, np.zeros((50, 4)))))
