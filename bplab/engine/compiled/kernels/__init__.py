"""The compiled code: everything here is read by numba, not by Python, and importing it takes a moment.

A batch lies in memory with its samples innermost ("samples are lanes"): activation j of sample s is at
``j * width + s``, ``width`` being the batch rounded up to whole vectors of the processor. So every loop over samples is
a loop over vectors, whatever the sizes of the layers are. A batch of more than `codes.CHUNK` samples goes through the
network in parts, whose gradients are added.
"""
