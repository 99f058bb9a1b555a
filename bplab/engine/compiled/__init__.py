"""The compiled path: the mathematics of `step` read a second time, for numba, and many times faster for small networks.

It covers dense networks with every activation, loss, optimizer, regularizer and clipping that `kernels.codes` names;
whatever else there is, such as a normalization, goes to the numpy path by itself. Nothing here imports numba until
`loader` is asked for the compiled code.
"""
