"""What comes into bplab from elsewhere: weights of PyTorch and ONNX, and experiments of TensorFlow Playground.

The contrary of `bplab.exports`. Nothing that is read is executed, and no size is trusted.
"""
