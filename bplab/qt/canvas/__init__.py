"""The canvas: designer and live picture of the network."""
