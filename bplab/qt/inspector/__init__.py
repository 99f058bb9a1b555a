"""The bottom of the window: why a weight moves, with the numbers of the present step."""
