"""What all exported scripts share: the words at their top, names as literals, and a command line of their own."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from bplab import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bplab.catalogue import Choice
    from bplab.exports.subject import Subject

WIDTH = 88  # of a line: what formatters of Python agree on
MOST_VALUES_SHOWN = 8

_TOP = '''"""{title}

Made by bplab {version}. The weights are beside this file, in one of the same name
that ends in {weights}. To predict from raw values:

    python THIS_FILE.py {example}
    python THIS_FILE.py samples.csv

The first form takes one sample, its inputs in the order of FEATURES; the second takes
every row of a table that has a column for each of them. In Python: predict(X), with X
of shape (samples, features).{note}
"""

'''

_READ = '''

def read_table(path):
    """Return the raw inputs in a CSV file, one row a sample; its header names them."""
    with open(path, encoding="utf-8-sig", newline="") as table:
        rows = csv.DictReader(table)
        return [[float(row[name]) for name in FEATURES] for row in rows]


def main():
    """Print a prediction for each sample that the command line gives."""
    values = sys.argv[1:]
    if len(values) == 1 and values[0].endswith(".csv"):
        X = read_table(values[0])
    elif len(values) == len(FEATURES):
        X = [[float(value) for value in values]]
    else:
        sys.exit(f"Give a .csv file, or a number for each of: {', '.join(FEATURES)}")
'''

_MAIN = """

if __name__ == "__main__":
    main()
"""


def top(subject: Subject, library: str, weights: str, note: str = "") -> str:
    """Return the docstring of a script; `note` is one more paragraph."""
    plans = " > ".join(f"{len(part.layer)} {part.layer.choice.name}" for part in subject.parts)
    title = textwrap.fill(f"A network made with bplab, in {library}: {subject.network.sizes[0]} inputs > {plans}.", 85)
    note = f"\n\n{textwrap.fill(note, WIDTH)}" if note else ""
    return _TOP.format(title=title, version=__version__, weights=weights, example=_example(subject), note=note)


def _example(subject: Subject) -> str:
    values = subject.data.dataset.X[0].tolist()
    more = " ..." if len(values) > MOST_VALUES_SHOWN else ""
    return " ".join(f"{value:g}" for value in values[:MOST_VALUES_SHOWN]) + more


def names(subject: Subject) -> str:
    """Return the assignments of all names that come from the data, as literals and never as code."""
    data = subject.data
    kind, of_outputs = ("CLASSES", data.class_names) if data.class_names else ("TARGETS", data.output_names)
    return f"{_assigned('FEATURES', data.dataset.feature_names)}\n{_assigned(kind, of_outputs)}\n"


def _assigned(name: str, texts: Iterable[str]) -> str:
    literals = [literal(text) for text in texts]
    line = f"{name} = ({', '.join(literals)}{',' if len(literals) == 1 else ''})"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name} = (", *(f"    {text}," for text in literals), ")"])


def literal(text: str) -> str:
    """Return a text as a Python literal in double quotes, everything that does not print escaped."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if plain[0] == "'" and '"' not in plain else plain


def call(expression: str, choice: Choice) -> str:
    """Return an expression such as ``elu({z}, alpha={alpha})`` with its settings, for the variable z."""
    return expression.format(z="z", **{name: repr(value) for name, value in choice.settings})


def made_inputs(subject: Subject, stack: str, features: Mapping[str, str], x: str) -> list[str]:
    """Return the lines that make inputs from the features, the columns of `x`; none where they are the same.

    Parameters
    ----------
    stack : str
        The call that puts columns together, with a place for their list.
    features : mapping of str to str
        How each kind of feature is written.
    """
    made = (features[i.kind].format(*(f"{x}[:, {column - 1}]" for column in i.of)) for i in subject.made_inputs)
    lines = [f"        {text}," for text in made]
    return [f"{x} = {stack}(", "    [", *lines, "    ]", ")"] if lines else []


def command_line(subject: Subject) -> str:
    """Return the end of a script: the predicted classes, and `main`."""
    if not subject.data.class_names:
        return _READ + '    print(*TARGETS, sep=", ")\n' + _printed("outputs", "predict(X)", "*outputs") + _MAIN
    answers = "zip(classify(X), predict(X), strict=True)"
    return _classify(subject) + _READ + _printed("name, outputs", answers, "name, *outputs") + _MAIN


def _printed(each: str, answers: str, shown: str) -> str:
    return f'    for {each} in {answers}:\n        print({shown}, sep=", ")\n'


def _classify(subject: Subject) -> str:
    if subject.network.sizes[-1] == 1:
        answer = f"[CLASSES[int(value > {subject.threshold})] for value in predict(X)[:, 0]]"
    else:
        answer = "[CLASSES[highest] for highest in predict(X).argmax(axis=1)]"
    doc = '"""Return the name of the predicted class of each sample."""'
    return f"\n\ndef classify(X):\n    {doc}\n    return {answer}\n"


def assembled(*blocks: str) -> bytes:
    """Return a script made of blocks of lines."""
    return "".join(blocks).encode()


def indented(lines: Iterable[str], by: int) -> str:
    """Return lines of code, moved in by so many places; a call that is too long gets a line for each argument."""
    fitting = (part for line in lines for part in ([line] if len(line) + by <= WIDTH else _apart(line)))
    return "".join(f"{' ' * by}{line}\n" for line in fitting)


def _apart(line: str) -> list[str]:
    head, _, rest = line.partition("(")
    arguments, _, tail = rest.partition(")")
    return [f"{head}(", *(f"    {argument}," for argument in arguments.split(", ")), f"){tail}"]


def used(subject: Subject, expressions: Mapping[str, str]) -> list[str]:
    """Return what a mapping holds for each activation that occurs, once and in the mapping's order."""
    occurring = {part.layer.choice.name for part in subject.parts}
    return [text for name, text in expressions.items() if name in occurring]
