"""The menus: every action with its key, each of them doing something."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from bplab import resources
from bplab.experiment import edits
from bplab.experiment.templates import TEMPLATES, apply_template
from bplab.lessons.progress import progress
from bplab.lessons.reading import lesson_files, read_lesson
from bplab.qt.canvas.canvas import ZOOM_STEP
from bplab.qt.canvas_panel import add_reading
from bplab.qt.exports import EXPORTS
from bplab.qt.files.recent import forget_recent, recent_files
from bplab.qt.theme import DARK, LIGHT, Theme, system_theme
from bplab.qt.transport_bar import GRAINS

if TYPE_CHECKING:
    from bplab.lessons.lesson import Lesson
    from bplab.qt.main_window import MainWindow
    from bplab.qt.snapshot import Grain

ABOUT = (
    "bplab: a lab for understanding and debugging backpropagation.\n\n"
    "Space plays and pauses, a full stop steps forward, a comma steps back. "
    "Click a connection or a neuron to see its numbers; the arrow keys move from neuron to neuron, "
    "Shift with up and down goes through a neuron's connections. "
    "Shift and a click picks one more, and so does a frame that is drawn with the mouse. "
    "The wheel goes nearer, the middle button moves the picture. A double click types a weight. "
    "What can be done with what is picked is in the Network menu, and under the right mouse button."
)


def build_menus(window: MainWindow) -> dict[str, QAction]:
    """Fill the menu bar and return the actions by their text."""
    actions: dict[str, QAction] = {}

    def add(menu: QMenu, text: str, action: Callable[[], object], key: QKeySequence | str | None = None) -> QAction:
        made = QAction(text, window)
        made.triggered.connect(lambda _checked=False: action())
        if key is not None:
            made.setShortcut(key)
        menu.addAction(made)
        actions[text] = made
        return made

    bar = window.menuBar()
    _file(bar.addMenu("&File"), add, window)
    _edit(bar.addMenu("&Edit"), window, actions)
    _network(bar.addMenu("&Network"), add, window)
    data = bar.addMenu("&Data")
    data.setToolTipsVisible(True)
    add(data, "Import table…", window.data_actions.import_table, "Ctrl+I")
    add(data, "Import images…", window.data_actions.import_folder).setToolTip(
        "A folder of small images, each class in a folder of its own."
    )
    add(data, "Paste table…", window.data_actions.paste_table, "Ctrl+Shift+V").setToolTip(
        "Cells that were copied from a spreadsheet, with a line of names."
    )
    add(data, "Draw data…", window.data_actions.draw).setToolTip("Paint samples of your own with the mouse.")
    add(data, "Prepare the data…", window.data_actions.prepare).setToolTip(
        "Split, folds, scaling, balance, noise, and more inputs."
    )
    add(data, "Look at the data…", window.data_actions.look, "Ctrl+T").setToolTip(
        "As a table, in pictures, and sample by sample, with what the network says."
    )
    sample, table = "Predict a sample…", "Predict a table…"
    add(data, sample, window.predictions.sample, "Ctrl+P").setToolTip("Type or slide values, and see the outputs move.")
    add(data, table, window.predictions.table).setToolTip("Save what the network says of every row of a table.")
    _train(bar.addMenu("&Train"), add, window)
    _view(bar.addMenu("&View"), add, window)
    _learn(bar.addMenu("&Learn"), add, window)
    add(bar.addMenu("&Help"), "About bplab and its keys", partial(QMessageBox.about, window, "bplab", ABOUT), "F1")
    return actions


Add = Callable[..., QAction]


def _file(menu: QMenu, add: Add, window: MainWindow) -> None:
    keys = QKeySequence.StandardKey
    add(menu, "New", window.files.new, QKeySequence(keys.New))
    add(menu, "Open…", window.files.open, QKeySequence(keys.Open))
    examples = menu.addMenu("Open example")
    for path in sorted(resources.path("examples").glob("*.bplab")):
        add(examples, path.stem, partial(window.files.open_example, path))
    recent = menu.addMenu("Open recent")
    recent.aboutToShow.connect(partial(_fill_recent, recent, window))
    menu.addSeparator()
    add(menu, "Save", window.files.save, QKeySequence(keys.Save))
    add(menu, "Save as…", window.files.save_as, QKeySequence("Ctrl+Shift+S"))
    add(menu, "Save picture…", window.pictures.save, QKeySequence("Ctrl+Shift+P"))
    add(menu, "Record the run…", window.pictures.record)
    imports = menu.addMenu("Import")
    imports.setToolTipsVisible(True)
    weights, playground = "Weights of PyTorch or ONNX…", "TensorFlow Playground address…"
    add(imports, weights, window.imports.load_weights).setToolTip("Begin with the weights of another program.")
    add(imports, playground, window.imports.open_address).setToolTip("Make the experiment that an address stands for.")
    add(menu, "Compare with…", window.checks.compare).setToolTip("Say what is different in another experiment.")
    exports = menu.addMenu("Export")
    for entry in EXPORTS.values():
        add(exports, f"{entry.label}…", partial(window.exports.export, entry)).setToolTip(entry.doc)
    exports.setToolTipsVisible(True)
    menu.addSeparator()
    add(menu, "Quit", window.close, QKeySequence("Ctrl+Q"))


def _fill_recent(menu: QMenu, window: MainWindow) -> None:
    menu.clear()
    paths = recent_files()
    for path in paths:
        action = menu.addAction(path.name.replace("&", "&&"))
        action.setToolTip(str(path))
        action.triggered.connect(partial(window.files.open, path))
    menu.setToolTipsVisible(True)
    menu.addSeparator()
    clear = menu.addAction("Clear this list")
    clear.setEnabled(bool(paths))
    clear.triggered.connect(lambda: forget_recent())


def _edit(menu: QMenu, window: MainWindow, actions: dict[str, QAction]) -> None:
    stack = window.document.undo_stack
    for name, action, key in (
        ("Undo", stack.createUndoAction(window), QKeySequence.StandardKey.Undo),
        ("Redo", stack.createRedoAction(window), QKeySequence.StandardKey.Redo),
    ):
        action.setShortcut(QKeySequence(key))
        menu.addAction(action)
        actions[name] = action
    menu.addSeparator()
    notes = menu.addAction("Write notes")
    notes.setShortcut(QKeySequence("Ctrl+Shift+N"))
    notes.triggered.connect(lambda _checked=False: window.write_notes())
    actions[notes.text()] = notes
    copy = menu.addAction("Copy picture of the network")
    copy.setShortcut(QKeySequence("Ctrl+Shift+C"))
    copy.triggered.connect(lambda _checked=False: window.pictures.copy())
    actions[copy.text()] = copy


def _network(menu: QMenu, add: Add, window: MainWindow) -> None:
    def add_layer() -> None:
        place = len(window.document.spec.network.hidden)
        window.document.edit("Add layer", lambda spec: edits.add_layer(spec, place))

    def remove_layer() -> None:
        place = len(window.document.spec.network.hidden) - 1
        if place >= 0:
            window.document.edit("Remove layer", lambda spec: edits.remove_layer(spec, place))

    add(menu, "Add layer before the output", add_layer, "Ctrl+L")
    add(menu, "Remove last hidden layer", remove_layer, "Ctrl+Shift+L")
    templates = menu.addMenu("Begin with")
    templates.setToolTipsVisible(True)
    for name, template in TEMPLATES.items():
        add(templates, template.label, partial(_use_template, window, name)).setToolTip(template.doc)
    menu.addSeparator()
    menu.setToolTipsVisible(True)
    add(menu, "Pick the whole layer", window.canvas.pick_layer, "Ctrl+A")
    add(menu, "Pick the largest gradient", window.pick_largest, "G").setToolTip(
        "The connection at which the loss pulls most strongly in this step."
    )
    menu.addActions(window.selection_actions.actions)


def _use_template(window: MainWindow, name: str) -> None:
    inputs = window.document.experiment.network.sizes[0]
    text = f"Begin with {TEMPLATES[name].label.lower()}"
    window.document.edit(text, lambda spec: apply_template(spec, name, inputs))


def _train(menu: QMenu, add: Add, window: MainWindow) -> None:
    player = window.player
    add(menu, "Play or pause", player.toggle, "Space")
    add(menu, "Step", player.step, ".")
    add(menu, "Step back", player.step_back, ",")
    add(menu, "Reset to the initial weights", window.document.reset, "Ctrl+R")
    add(menu, "Play one step in slow motion", window.play_film, "M").setToolTip(
        "Forward, loss, backward, update: one step as a film, at the pace of the speed slider."
    )
    menu.addSeparator()
    check = add(menu, "Check all gradients…", window.checks.check_gradients)
    check.setToolTip("Compare every gradient of the next step with a central difference.")
    verify = add(menu, "Verify the run…", window.checks.verify)
    menu.setToolTipsVisible(True)
    menu.aboutToShow.connect(partial(_allow_verify, window, verify))
    menu.addSeparator()
    for number, (grain, _) in enumerate(GRAINS, start=1):
        add(menu, f"Step by {grain}", partial(_grain, window, grain), f"Ctrl+{number}")


def _allow_verify(window: MainWindow, action: QAction) -> None:
    has_run = window.document.experiment.trainer().newest > 0
    action.setEnabled(has_run)
    action.setToolTip("Do the run again and compare every bit." if has_run else "Train first: there is no run yet.")


def _grain(window: MainWindow, grain: Grain) -> None:
    window.transport.choose_grain(grain)


def _learn(menu: QMenu, add: Add, window: MainWindow) -> None:
    """Every lesson that comes with bplab, with how far it has come, and a teacher's own."""
    menu.setToolTipsVisible(True)
    made = []
    for number, path in enumerate(lesson_files(), start=1):
        lesson = read_lesson(path)
        action = add(menu, f"{number}. {lesson.title}", partial(window.tutor.start, path))
        action.setToolTip(lesson.about)
        made.append((action, lesson))
    menu.addSeparator()
    for name in ("worksheet", "worksheet-solution"):
        export = EXPORTS[name]
        add(menu, f"{export.label}…", partial(window.exports.export, export)).setToolTip(export.doc)
    add(menu, "Open lesson…", partial(_open_lesson, window)).setToolTip("A Markdown file; LESSONS.md says how.")
    menu.aboutToShow.connect(partial(_show_progress, made))


def _show_progress(made: list[tuple[QAction, Lesson]]) -> None:
    done = progress()
    for action, lesson in made:
        count, steps = done.get(lesson.key, 0), len(lesson.steps)
        title = action.text().split(" ✓")[0].split("  (")[0]
        mark = " ✓" if count >= steps else f"  ({count} of {steps})" if count else ""
        action.setText(f"{title}{mark}")


def _open_lesson(window: MainWindow) -> None:
    name, _ = QFileDialog.getOpenFileName(window, "Open lesson", str(Path.home()), "Lessons (*.md)")
    if name:
        window.tutor.start(Path(name))


def _view(menu: QMenu, add: Add, window: MainWindow) -> None:
    themes: tuple[tuple[str, Callable[[], Theme]], ...] = (
        ("Theme of the system", system_theme),
        ("Dark theme", lambda: DARK),
        ("Light theme", lambda: LIGHT),
    )
    group = QActionGroup(window)
    for text, theme in themes:
        action = add(menu, text, partial(_choose_theme, window, theme))
        action.setCheckable(True)
        action.setChecked(window.theme == theme() and group.checkedAction() is None)
        group.addAction(action)
    menu.addSeparator()
    menu.setToolTipsVisible(True)
    add_reading(menu, window.canvas)
    menu.addSeparator()
    add(menu, "Zoom in", partial(window.canvas.zoom, ZOOM_STEP), "Ctrl++")
    add(menu, "Zoom out", partial(window.canvas.zoom, 1 / ZOOM_STEP), "Ctrl+-")
    add(menu, "See all of the network", partial(window.canvas.look_from, None), "Ctrl+0")
    menu.addSeparator()
    flow = window.canvas.flow
    motion: QAction = add(menu, "Show signals moving", lambda: flow.set_wanted(not flow.is_wanted))
    motion.setToolTip("Dots along the connections while a step is shown slowly; none where the system asks for less.")
    motion.setCheckable(True)
    motion.setChecked(flow.is_wanted)
    add(menu, "Full speed", partial(window.transport.speed.setValue, window.transport.speed.maximum()))


def _choose_theme(window: MainWindow, theme: Callable[[], Theme]) -> None:
    window.set_theme(theme())
