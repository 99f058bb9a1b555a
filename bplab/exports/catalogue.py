"""The exports that need no Qt; what makes one is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bplab.exports.export import Export

if TYPE_CHECKING:
    from bplab.exports.export import Files
    from bplab.exports.subject import Subject


def _pytorch(subject: Subject, stem: str) -> Files:
    from bplab.exports.pytorch_script import make

    return make(subject, stem)


def _numpy(subject: Subject, stem: str) -> Files:
    from bplab.exports.numpy_script import make

    return make(subject, stem)


def _keras(subject: Subject, stem: str) -> Files:
    from bplab.exports.keras_script import make

    return make(subject, stem)


def _onnx(subject: Subject, stem: str) -> Files:
    from bplab.exports.onnx_model import make

    return make(subject, stem)


def _weights_csv(subject: Subject, stem: str) -> Files:
    from bplab.exports.tables import weights_csv

    return weights_csv(subject, stem)


def _history_csv(subject: Subject, stem: str) -> Files:
    from bplab.exports.tables import history_csv

    return history_csv(subject, stem)


def _history_parquet(subject: Subject, stem: str) -> Files:
    from bplab.exports.tables import history_parquet

    return history_parquet(subject, stem)


def _plots_csv(subject: Subject, stem: str) -> Files:
    from bplab.exports.figures import plots_csv

    return plots_csv(subject, stem)


SCRIPTS = (
    Export(
        name="pytorch",
        label="PyTorch script",
        doc="A Python file with the network as a PyTorch module, and its weights as safetensors beside it.",
        ending="_pytorch.py",
        make=_pytorch,
    ),
    Export(
        name="numpy",
        label="NumPy script",
        doc="A Python file that predicts with numpy alone, and the weights as .npz beside it.",
        ending="_numpy.py",
        make=_numpy,
    ),
    Export(
        name="keras",
        label="Keras script",
        doc="A Python file with the network as a Keras 3 model, and its weights as .npz beside it.",
        ending="_keras.py",
        make=_keras,
    ),
    Export(
        name="onnx",
        label="ONNX model",
        doc="The network as an ONNX graph, from raw values to predictions.",
        ending=".onnx",
        make=_onnx,
    ),
)
TABLES = (
    Export(
        name="weights-csv",
        label="Weights as CSV",
        doc="Every weight and bias of the network, one a row.",
        ending="-weights.csv",
        make=_weights_csv,
    ),
    Export(
        name="history-csv",
        label="History as CSV",
        doc="Losses and gradient norms of the run, step by step and epoch by epoch.",
        ending="-history.csv",
        make=_history_csv,
    ),
    Export(
        name="history-parquet",
        label="History as Parquet",
        doc="The same tables, for data frames.",
        ending="-history.parquet",
        make=_history_parquet,
    ),
    Export(
        name="plots-csv",
        label="Plots as CSV",
        doc="The numbers of the plots of loss, gradient norm and prediction.",
        ending="-plots.csv",
        make=_plots_csv,
    ),
)
