"""The loss of a network written a second time, plainly, for `autograd` to differentiate."""

import autograd.numpy as anp
from autograd.scipy.special import erf

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def _sigmoid(z):
    return 1.0 / (1.0 + anp.exp(-z))


def _softmax(z):
    e = anp.exp(z - anp.max(z, axis=1, keepdims=True))
    return e / anp.sum(e, axis=1, keepdims=True)


def _elu(z, alpha):
    return anp.where(z > 0, z, alpha * (anp.exp(anp.minimum(z, 0.0)) - 1.0))


VALUES = {
    "tanh": anp.tanh,
    "relu": lambda z: anp.maximum(z, 0.0),
    "leaky_relu": lambda z, negative_slope: anp.where(z > 0, z, negative_slope * z),
    "sigmoid": _sigmoid,
    "identity": lambda z: z,
    "elu": _elu,
    "selu": lambda z: SELU_SCALE * _elu(z, SELU_ALPHA),
    "gelu": lambda z: 0.5 * z * (1.0 + erf(z / anp.sqrt(2.0))),
    "silu": lambda z: z * _sigmoid(z),
    "softplus": lambda z: anp.log(1.0 + anp.exp(z)),
    "softsign": lambda z: z / (1.0 + anp.abs(z)),
    "sine": anp.sin,
    "hardtanh": lambda z: anp.where(z > 1, 1.0, anp.where(z < -1, -1.0, z)),
    "softmax": _softmax,
}


def _huber(a, Y, delta):
    error = anp.abs(a - Y)
    return anp.where(error <= delta, 0.5 * error**2, delta * (error - 0.5 * delta))


def _smoothed(Y, label_smoothing, n):
    return (1.0 - label_smoothing) * Y + label_smoothing / n


def _binary(a, Y, label_smoothing):
    T = _smoothed(Y, label_smoothing, 2)
    return -(T * anp.log(a) + (1.0 - T) * anp.log(1.0 - a))


# Each gives the loss of every sample.
SAMPLES = {
    "mse": lambda a, Y: anp.mean((a - Y) ** 2, axis=1),
    "half_squared_error": lambda a, Y: anp.sum((a - Y) ** 2, axis=1) / 2,
    "mae": lambda a, Y: anp.mean(anp.abs(a - Y), axis=1),
    "huber": lambda a, Y, delta: anp.mean(_huber(a, Y, delta), axis=1),
    "hinge": lambda a, Y: anp.mean(anp.maximum(0.0, 1.0 - (2.0 * Y - 1.0) * a), axis=1),
    "cross_entropy": lambda a, Y, label_smoothing: (
        -anp.sum(_smoothed(Y, label_smoothing, Y.shape[1]) * anp.log(a), axis=1)
    ),
    "binary_cross_entropy": lambda a, Y, label_smoothing: anp.sum(_binary(a, Y, label_smoothing), axis=1),
}


def _normalized(z, choice, gamma, beta):
    if choice.name == "none":
        return z
    axis = {"batch_norm": 0, "layer_norm": 1}[choice.name]
    centred = z - anp.mean(z, axis=axis, keepdims=True)
    variance = anp.mean(centred**2, axis=axis, keepdims=True)
    return gamma * centred / anp.sqrt(variance + choice.values["eps"]) + beta


def loss_of(vector, net, loss, X, Y, masks=None, weights=None):
    """Return the mean loss of a batch in training, as a function of the flat parameters."""
    outputs, start = [X], 0
    for number, (plan, n_out) in enumerate(zip(net.plans, net.sizes[1:], strict=True), start=1):
        n_in, normalized = net.sizes[number - 1], n_out if plan.normalization.name != "none" else 0
        ends = [start, start + n_out * n_in]
        ends += [ends[1] + n_out, ends[1] + n_out + normalized, ends[1] + n_out + 2 * normalized]
        W, b, gamma, beta = (vector[ends[i] : ends[i + 1]] for i in range(4))
        z = anp.dot(outputs[-1], W.reshape(n_out, n_in).T) + b
        a = VALUES[plan.activation.name](_normalized(z, plan.normalization, gamma, beta), **plan.activation.values)
        if masks is not None and masks[number - 1] is not None:
            a = a * masks[number - 1]
        if plan.skip:
            a = a + outputs[number - plan.skip]
        outputs.append(a)
        start = ends[4]
    samples = SAMPLES[loss.name](outputs[-1], Y, **loss.values)
    return anp.mean(samples) if weights is None else anp.sum(samples * weights[:, 0]) / anp.sum(weights)
