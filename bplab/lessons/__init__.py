"""Lessons: plain files that point at the window and wait for what the user does."""
