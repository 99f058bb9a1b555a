"""Looking at data: as a table, as pictures, and sample by sample, with what the network says of each."""
