"""Plots draw quickly while the run goes, and well while it rests."""


def test_curves_are_smooth_while_the_run_rests(qtbot, window):
    def smooth():
        return {curve.opts["antialias"] for curve in window.plots.loss.curves.values()}

    window.player.play()
    qtbot.waitUntil(lambda: window.player.snapshot.step > 50 and smooth() == {False}, timeout=10_000)
    window.player.pause()
    qtbot.waitUntil(lambda: smooth() == {True})
