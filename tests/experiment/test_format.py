"""The file format: its schema and its page are what the code does."""

import io
import json
import re
import subprocess
import sys
import zipfile

import jsonschema
import pytest
from click.testing import CliRunner

from bplab import Experiment, resources
from bplab.cli import cli
from bplab.experiment import edits
from bplab.experiment.header import VERSION, schema_text

REWRITE = "bplab schema > resources/experiment.schema.json"


@pytest.fixture
def saved(tmp_path):
    experiment = Experiment.new("iris", hidden=[5, 4], optimizer="adam")
    experiment.trainer().run(30)
    experiment.apply(edits.change_layer(experiment.spec, 0, name="first", dropout=0.1))
    experiment.trainer().run(30)
    path = tmp_path / "a.bplab"
    experiment.save(path)
    return experiment, path


def test_the_schema_in_resources_is_that_of_the_code():
    assert resources.path("experiment.schema.json").read_text(encoding="utf-8") == schema_text(), REWRITE
    assert CliRunner().invoke(cli, ["schema"]).output == schema_text()


def test_a_file_holds_what_the_schema_says(saved):
    document = json.loads(zipfile.ZipFile(io.BytesIO(saved[1].read_bytes())).read("experiment.json"))
    jsonschema.validate(document, json.loads(schema_text()))
    document["spec"]["network"]["hidden"][0]["size"] = 0
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(schema_text()))


def test_the_example_of_the_page_reads_a_file(saved):
    page = resources.path("FORMAT.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    run = subprocess.run([sys.executable, "-c", example, str(saved[1])], capture_output=True, text=True, check=True)
    assert run.stdout == f"60 steps, first weight {saved[0].network.layers[0].W[0, 0]:.6f}\n"


def test_the_page_names_every_key_and_array(saved):
    page = resources.path("FORMAT.md").read_text(encoding="utf-8")
    document = json.loads(zipfile.ZipFile(io.BytesIO(saved[1].read_bytes())).read("experiment.json"))
    for key in (*document, *document["state"]):
        assert f"`{key}`" in page, key
    for name in document["arrays"]:
        known = re.sub(r"^(initial\.)?layer\d+", "layerN", name)
        assert f"`{re.sub(r'given[0-9]+', 'givenN', known)}`" in page, name
    assert f"version {VERSION}" in page
