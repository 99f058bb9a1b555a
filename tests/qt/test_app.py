"""The start of the window."""

import subprocess
import sys

LATER = ("pyqtgraph", "filelock", "bplab.qt.data.import_dialog", "bplab.qt.plots.plots_panel")


def test_the_first_frame_does_not_wait_for_plots_and_dialogs():
    code = f"import sys, bplab.qt.app; print([name for name in {LATER} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
