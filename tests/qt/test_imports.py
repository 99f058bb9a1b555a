"""File > Import in the window."""

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog
from safetensors.numpy import save


def test_weights_are_loaded_as_one_step_of_undo(qtbot, window, tmp_path, monkeypatch):
    before = window.document.spec, window.document.experiment.network.parameters.copy()
    path = tmp_path / "w.safetensors"
    path.write_bytes(save({"a.weight": np.ones((8, 4)), "b.weight": np.full((3, 8), 0.5)}))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(window.document.noted):
        window.actions_by_name["Weights of PyTorch or ONNX…"].trigger()
    assert window.document.experiment.network.sizes == (4, 8, 3)
    assert (window.document.experiment.network.layers[0].W == 1).all()
    assert "does not tell activations" in window.message_bar.label.text()
    assert window.document.undo_stack.undoText() == "Load weights"
    window.document.undo_stack.undo()
    assert window.document.spec == before[0]
    assert (window.document.experiment.network.parameters == before[1]).all()
    window.document.undo_stack.redo()
    assert (window.document.experiment.network.layers[0].W == 1).all()


def test_weights_that_do_not_fit_change_nothing(qtbot, window, tmp_path, monkeypatch):
    path = tmp_path / "w.safetensors"
    path.write_bytes(save({"a.weight": np.ones((3, 7))}))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(window.document.failed):
        window.actions_by_name["Weights of PyTorch or ONNX…"].trigger()
    assert window.message_bar.isVisible()
    assert not window.document.undo_stack.canUndo()


def test_an_address_on_the_clipboard_is_offered(qtbot, window, monkeypatch):
    address = "https://playground.tensorflow.org/#dataset=xor&networkShape=3"
    QGuiApplication.clipboard().setText(address)
    offered = []
    monkeypatch.setattr(QInputDialog, "getText", lambda *given: offered.append(given[-1]) or (given[-1], True))
    window.actions_by_name["TensorFlow Playground address…"].trigger()
    assert offered == [address]
    assert window.document.experiment.network.sizes == (2, 3, 1)
    assert "sigmoid" in window.message_bar.label.text()


def test_a_wrong_address_says_so(qtbot, window, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("https://example.org", True))
    window.actions_by_name["TensorFlow Playground address…"].trigger()
    assert "not an address of TensorFlow Playground" in window.message_bar.label.text()
