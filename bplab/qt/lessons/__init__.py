"""Lessons in the window: what they say, where they point, what they do and wait for."""
