"""What leaves bplab: scripts for other libraries, ONNX, tables, plots and reports. Nothing here knows Qt.

Each form is one entry of a catalogue, `bplab.qt.exports.EXPORTS`, where the menu, the command line and the tests find
it; those that need no Qt are declared here.
"""
