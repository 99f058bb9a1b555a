"""Tables that a user brings: from the bytes of a file to a data set."""
