"""What columns are for: proposals, codings, missing values, and what becomes of the rows."""

import numpy as np
import pytest

from bplab.data.tables.checking import faults
from bplab.data.tables.reading import Reading
from bplab.data.tables.roles import FITTING, MISSING, ROLES, Coding, Column, parse_role
from bplab.data.tables.table import parse_table
from bplab.errors import DataError

PEOPLE = b"""id,age,sex,size,code,survived
1,30,m,small,K7,yes
2,,f,large,K8,no
3,50,f,medium,K9,yes
4,40,m,NA,L1,no
5,20,,small,L2,yes
6,30,f,small,L3,no
"""


def people(**reading):
    return parse_table("people.csv", PEOPLE, Reading(**reading))


def with_role(table, name, role, missing="refuse", order=()):
    return [Column(name, role, missing, order) if c.name == name else c for c in table.propose()]


def test_every_role_and_every_fate_of_missing_values_is_described():
    assert set(FITTING) == set(ROLES)
    assert {missing for fates in FITTING.values() for missing in fates} == set(MISSING)


def test_what_columns_are_for_is_proposed():
    proposed = {column.name: (column.role, column.missing) for column in people().propose()}
    assert proposed == {
        "id": ("ignored", "refuse"),
        "age": ("number", "drop"),
        "sex": ("one_hot", "category"),
        "size": ("ignored", "refuse"),  # four different of six values
        "code": ("ignored", "refuse"),
        "survived": ("class", "refuse"),
    }


def test_rows_read_are_rows_used_and_rows_skipped():
    data, report = people().imported(people().propose())
    assert (report.read, report.used, report.skipped) == (6, 5, ((3, "no value in 'age'"),))
    assert str(report) == "6 rows read, 5 used, 1 skipped (line 3: no value in 'age')"
    assert data.feature_names == ("age", "sex=f", "sex=m", "sex=missing")
    assert data.X.tolist() == [[30, 0, 1, 0], [50, 1, 0, 0], [40, 0, 1, 0], [20, 0, 0, 1], [30, 1, 0, 0]]


@pytest.mark.parametrize("how", ["mean", "median"])
def test_missing_numbers_are_left_to_the_preparation(how):
    table = people()
    data, report = table.imported(with_role(table, "age", "number", how))
    assert report.used == 6
    assert data.fills == (how, "", "", "")
    assert np.isnan(data.X[1, 0])


def test_an_order_makes_one_input():
    table = people(missing=("NA",))
    columns = with_role(table, "size", "ordinal", "drop", ("small", "medium", "large"))
    data, report = table.imported([column for column in columns if column.name != "age"])
    assert data.feature_names == ("sex=f", "sex=m", "sex=missing", "size")
    assert data.X[:, 3].tolist() == [0, 2, 1, 0, 0]
    assert report.skipped == ((5, "no value in 'size'"),)


def test_categories_that_are_numbers_are_sorted_as_numbers():
    table = parse_table("t.csv", b"a,y\n10,u\n9,v\n10,u\n")
    data, _ = table.imported([Column("a", "one_hot"), Column("y", "class")])
    assert data.feature_names == ("a=9", "a=10")


def test_a_column_says_which_rows_are_for_testing():
    table = parse_table("t.csv", b"a,part,y\n1,train,u\n2,test,v\n3,train,v\n4,TEST,u\n")
    data, _ = table.imported([Column("a", "number"), Column("part", "split"), Column("y", "class")])
    assert data.is_test.tolist() == [False, True, False, True]
    wrong = parse_table("t.csv", b"a,part,y\n1,train,u\n2,maybe,v\n")
    with pytest.raises(DataError, match="line 3, column 'part': 'maybe' says neither train nor test"):
        wrong.imported([Column("a", "number"), Column("part", "split"), Column("y", "class")])


def test_new_tables_are_read_as_the_first_was():
    table = people()
    data, _ = table.imported(with_role(table, "age", "number", "mean"))
    new = parse_table("new.csv", b"sex,age,b\nf,61,1\n,,2\nm,7,3\n")
    X = new.features(data.codings)
    assert np.array_equal(X, [[61, 1, 0, 0], [np.nan, 0, 0, 1], [7, 0, 1, 0]], equal_nan=True)
    with pytest.raises(DataError, match="line 2, column 'sex': 'x' is none of the values"):
        parse_table("new.csv", b"sex,age\nx,61\n").features(data.codings)
    with pytest.raises(DataError, match="has no column 'sex'"):
        parse_table("new.csv", b"age,b\n61,1\n").features(data.codings)


def test_a_row_that_is_asked_for_is_not_left_out():
    coding = Coding("age", missing="drop")
    with pytest.raises(DataError, match="line 3, column 'age': the value is missing"):
        people().features([coding])


def test_words_for_a_missing_value_are_found_shown_and_changed():
    assert people().reading.missing == ()  # NA may well be a size
    table = parse_table("t.csv", b"a,b,y\n1,?,u\nNA,x,v\n3,x,u\n4,z,v\n-9,z,v\n")
    assert table.reading.missing == ("?", "NA")
    assert [c.missing for c in table.propose()] == ["drop", "category", "refuse"]
    other = parse_table("t.csv", b"a,b,y\n1,?,u\n-9,x,v\n3,x,w\n", Reading(missing=("-9",)))
    _, report = other.imported([Column("a", "number", "drop"), Column("y", "class")])
    assert report.skipped == ((3, "no value in 'a'"),)


def test_all_that_is_wrong_is_listed_line_by_line():
    table = parse_table("t.csv", b"a,b,y\n1,2,u\nx,inf,v\n3,oops,u\n4,4,v\n5,5,v\n")
    found = faults(table, [Column("a", "number"), Column("b", "number"), Column("y", "class")])
    assert [(fault.line, fault.column, fault.what) for fault in found] == [
        (3, "a", "'x' is not a number"),
        (3, "b", "'inf' is not a finite number"),
        (4, "b", "'oops' is not a number"),
    ]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([Column("age", "number")], "has no column as the target"),
        ([Column("survived", "class")], "has no column left as an input"),
        ([Column("survived", "class"), Column("sex", "class"), Column("age", "number", "drop")], "several targets"),
        ([Column("survived", "class"), Column("id", "target"), Column("age", "number", "drop")], "several targets"),
        ([Column("survived", "class"), Column("id", "number"), Column("id", "number")], "chosen twice"),
        ([Column("survived", "class"), Column("idd", "number")], "no column 'idd'"),
        ([Column("survived", "class"), Column("age", "number", "category")], "'category' does not go with number"),
        ([Column("survived", "class"), Column("age", "wish")], "there is no role 'wish'"),
        ([Column("survived", "class"), Column("age", "number")], "line 3, column 'age': the value is missing"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(columns, message):
    with pytest.raises(DataError, match=message):
        people().imported(columns)


def test_too_many_categories_and_no_row_left_are_refused():
    many = b"a,y\n" + b"".join(b"w%d,%d\n" % (n, n % 2) for n in range(200))
    with pytest.raises(DataError, match="column 'a': 200 different values are too many"):
        parse_table("t.csv", many).imported([Column("a", "one_hot"), Column("y", "class")])
    with pytest.raises(DataError, match="no row is left, 2 have a missing value"):
        parse_table("t.csv", b"a,y\n,u\n,v\n").imported([Column("a", "number", "drop"), Column("y", "class")])


@pytest.mark.parametrize(
    ("text", "role", "missing"), [("number", "number", "refuse"), ("one_hot:category", "one_hot", "category")]
)
def test_roles_on_the_command_line(text, role, missing):
    assert parse_role("a", text) == Column("a", role, missing)
    assert parse_role("a", "ordinal::low<mid<high") == Column("a", "ordinal", "refuse", ("low", "mid", "high"))


# ---- how the text is read


def test_everything_about_the_text_can_be_said():
    content = "# made by hand\na b\n1,5 x\n-2,0 y\n".encode("utf-16")
    table = parse_table("t.txt", content)
    assert table.reading == Reading("utf-16", " ", ",", True, "#", (), "refuse", '"')
    assert table.rows.numbers(0).tolist() == [1.5, -2.0]
    assert table.rows.line(0) == 3
    raw = parse_table("t.txt", content, Reading(delimiter=";", header=False, comment=""))
    assert raw.columns == ("column 1",)
    assert raw.n_rows == 4


def test_uneven_rows_are_refused_skipped_or_filled():
    content = b"a,b,y\n1,2,u\n3,v\n5,6,v,7\n8,9,w\n"
    with pytest.raises(DataError, match="lines 3, 4: the number of values"):
        parse_table("t.csv", content)
    skipped = parse_table("t.csv", content, Reading(ragged="skip"))
    _, report = skipped.imported(skipped.propose())
    assert report.read == 4
    assert report.skipped == ((3, "2 values in 3 columns"), (4, "4 values in 3 columns"))
    filled = parse_table("t.csv", content, Reading(ragged="fill"))
    assert filled.preview() == [("1", "2", "u"), ("3", "v", ""), ("5", "6", "v"), ("8", "9", "w")]


def test_an_encoding_that_does_not_fit_is_named_with_its_byte():
    with pytest.raises(DataError, match="was to be read as UTF-8, but byte 5 does not fit"):
        parse_table("t.csv", b"a,b\n\xe4,1\n", Reading(encoding="utf-8"))
    with pytest.raises(DataError, match="knows no encoding 'rot13'"):
        parse_table("t.csv", b"a,b\n1,1\n", Reading(encoding="rot13"))
    with pytest.raises(DataError, match="knows no delimiter"):
        parse_table("t.csv", b"a,b\n1,1\n", Reading(delimiter="x"))


@pytest.mark.parametrize(
    ("text", "quote", "cells"),
    [
        ("a,y\n'1,5',u\n", "'", ("1,5", "u")),
        ('a,y\n"x",u\n', "", ('"x"', "u")),
        ("a,y\nit's,u\n", '"', ("it's", "u")),
    ],
)
def test_quotation_marks_can_be_said(text, quote, cells):
    assert parse_table("t.csv", text.encode(), Reading(quote=quote)).preview() == [cells]


def test_other_quotation_marks_are_refused():
    with pytest.raises(DataError, match="knows no quotation mark"):
        parse_table("t.csv", b"a,b\n1,1\n", Reading(quote="xy"))
