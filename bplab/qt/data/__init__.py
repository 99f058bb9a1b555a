"""The user's data: bringing them in, preparing them, looking at them, drawing them."""
