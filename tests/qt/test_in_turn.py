"""Things done one after another, with what the user does between."""

from PySide6.QtCore import QObject, QTimer

from bplab.qt.in_turn import InTurn


def test_each_is_done_in_an_event_of_its_own(qtbot):
    done, parent = [], QObject()
    between = QTimer(parent)
    between.timeout.connect(lambda: done.append("other"))

    def first():
        done.append("first")
        between.start(0)

    in_turn = InTurn(parent, first, lambda: done.append("second"))
    in_turn.start()
    assert not done
    qtbot.waitUntil(lambda: "second" in done)
    between.stop()
    assert done.index("first") < done.index("other") < done.index("second")
    assert done.count("first") == done.count("second") == 1


def test_what_is_left_can_be_called_off(qtbot):
    done, parent = [], QObject()

    def first():
        done.append("first")
        QTimer.singleShot(0, parent, in_turn.stop)

    in_turn = InTurn(parent, first, lambda: done.append("second"))
    in_turn.start()
    qtbot.wait(50)
    assert done == ["first"]
    in_turn.start()
    qtbot.wait(50)
    assert done == ["first", "first"]


def test_the_last_is_reached_however_often_it_is_started(qtbot):
    done, parent = [], QObject()

    def first():
        done.append("first")
        in_turn.start()

    in_turn = InTurn(parent, first, lambda: done.append("second"))
    in_turn.start()
    qtbot.waitUntil(lambda: "second" in done)
    qtbot.wait(20)
    assert done == ["first", "second"]
    in_turn.start()
    qtbot.waitUntil(lambda: done.count("second") == 2)
