"""Data sets: made up, shipped or read from tables, and prepared for a network. Neither Qt nor the engine is here."""
