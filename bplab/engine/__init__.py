"""The engine: networks, backpropagation and training, on numpy alone."""
