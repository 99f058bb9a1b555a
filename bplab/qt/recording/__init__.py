"""A run as a film: done again step by step, drawn as the canvas draws it, and written as GIF, APNG or MP4."""
