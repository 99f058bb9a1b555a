"""Files as the window's user sees them: opening, saving, recent ones, and copies of unsaved work."""
