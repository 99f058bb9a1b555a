"""Live plots; the only part of the window that needs pyqtgraph."""
