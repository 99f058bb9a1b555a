"""What the compiled code knows, by number: the place of a name in these tuples."""

CHUNK = 64  # samples of a batch that go through the network together, so that they stay in the processor's cache

ACTIVATIONS = (
    *("identity", "tanh", "sigmoid", "relu", "leaky_relu", "elu", "selu", "gelu", "silu"),
    *("softplus", "softsign", "sine", "hardtanh", "softmax"),
)
(IDENTITY, TANH, SIGMOID, RELU, LEAKY_RELU, ELU, SELU, GELU, SILU) = range(9)
(SOFTPLUS, SOFTSIGN, SINE, HARDTANH, SOFTMAX) = range(9, 14)

LOSSES = ("cross_entropy", "binary_cross_entropy", "hinge", "mse", "half_squared_error", "mae", "huber")
CROSS_ENTROPY, BINARY_CROSS_ENTROPY, HINGE, MSE, HALF_SQUARED_ERROR, MAE, HUBER = range(7)

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adam", "adamw", "nadam", "rmsprop", "adagrad", "lion")
SGD, MOMENTUM, NESTEROV, ADAM, ADAMW, NADAM, RMSPROP, ADAGRAD, LION = range(9)

REGULARIZERS = ("none", "l1", "l2", "l1_l2", "weight_decay", "max_norm")
NONE, L1, L2, L1_L2, WEIGHT_DECAY, MAX_NORM = range(6)

CLIPPINGS = ("none", "norm", "value")
NO_CLIPPING, BY_NORM, BY_VALUE = range(3)

# Rows of `layout`: one column a layer, the input layer first.
SIZE, ACTIVATION, W, B, PLACE = range(5)

# Places in `chosen` (whole numbers) and in `given` (numbers).
LOSS, OPTIMIZER, REGULARIZER, CLIPPING, CLASSES, BATCH, SEED, STEP_STRIDE, EPOCH_STRIDE = range(9)
LOSS_SETTING, THRESHOLD, CLIP, PENALTY_1, PENALTY_2, PRODUCT, FIRST_HYPER = range(7)

# Places in `state`, which the compiled code changes.
STEP, EPOCH, CURSOR, UPDATES, STEP_ROWS, EPOCH_ROWS, BROKEN = range(7)
