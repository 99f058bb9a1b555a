"""Experiments: what the user designed, what it has learned, and the file it lives in. No Qt."""
