"""1,000 steps beside PyTorch: the same network, weights, batches and settings, in double precision.

Run by hand where PyTorch is installed: ``pytest -m torch``, or ``python -m tests.torch.test_against_pytorch`` for a
table of the largest differences. Each case is the same choice said twice: in bplab's names, and in PyTorch's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.initializers import INITIALIZERS
from bplab.engine.layer import LayerPlan
from bplab.engine.losses import LOSSES
from bplab.engine.network import Network
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.engine.trainer import Samples, Trainer
from bplab.experiment.spec import TrainingSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

STEPS, ROWS, BATCH, FEATURES, CLASSES = 1000, 47, 8, 3, 3  # the last batch of an epoch has 7 rows
LIMIT = 1e-9


@dataclass(frozen=True)
class Case:
    """One comparison. What is not given is plain: tanh, mean squared error, SGD at 0.05.

    ``loss``, ``optimizer``, ``schedule`` and ``penalty`` make PyTorch's counterpart of what ``settings`` chooses;
    ``clip`` gets all parameters after the backward pass; ``hold`` the weights after the step.
    """

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    hidden: tuple[LayerPlan, ...] = (LayerPlan(ACTIVATIONS.choose("tanh")), LayerPlan(ACTIVATIONS.choose("tanh")))
    sizes: tuple[int, ...] = (5, 5)
    output: str = "identity"
    target: str = "numbers"
    loss: Callable[[Any, Any], Any] = lambda a, y: torch.nn.functional.mse_loss(a, y)
    optimizer: Callable[[Any, Any], Any] = lambda weights, others: torch.optim.SGD([*weights, *others], lr=0.05)
    schedule: Callable[[Any], Any] | None = None
    penalty: Callable[[Any], Any] | None = None
    clip: Callable[[Any], Any] | None = None
    hold: Callable[[Any], Any] | None = None


def network(case: Case) -> Network:
    net = Network([FEATURES, *case.sizes, CLASSES], [*case.hidden, ACTIVATIONS.choose(case.output)])
    net.initialize(INITIALIZERS.choose("xavier_uniform"), 1)
    rng = np.random.default_rng(2)
    for layer in net.layers:
        layer.b[:] = rng.normal(0.0, 0.3, len(layer.b))
        layer.gamma[:] = rng.uniform(0.5, 1.5, len(layer.gamma))
        layer.beta[:] = rng.normal(0.0, 0.3, len(layer.beta))
    return net


def data(target: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(ROWS, FEATURES))
    if target == "classes":
        return X, np.eye(CLASSES)[(X @ rng.normal(size=(FEATURES, CLASSES)) + rng.normal(size=CLASSES)).argmax(axis=1)]
    return X, np.stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2], np.tanh(X.sum(axis=1))], axis=1)


def trainer(case: Case) -> Trainer:
    usual = {"loss": LOSSES.choose("mse"), "optimizer": OPTIMIZERS.choose("sgd", learning_rate=0.05)}
    X, Y = data(case.target)
    samples = Samples(X, Y, X[:0], Y[:0], classes=case.target == "classes")
    t = Trainer(network(case), TrainingSpec(batch_size=BATCH, **(usual | case.settings)), samples)
    t.path = "numpy"
    return t


class Twin(torch.nn.Module):
    """The same network in PyTorch, up to the sums of its last layer."""

    def __init__(self, net: Network) -> None:
        super().__init__()
        self.plans = net.plans
        self.masks: list[Any] = [None] * len(net.plans)
        self.linear = torch.nn.ModuleList()
        self.norm = torch.nn.ModuleList()
        for layer, n_in, n_out in zip(net.layers, net.sizes, net.sizes[1:], strict=False):
            self.linear.append(torch.nn.Linear(n_in, n_out))
            self.norm.append(NORMS[layer.plan.normalization.name](n_out))
        with torch.no_grad():
            for number, layer in enumerate(net.layers):
                for own, theirs in zip(self.parts(number), (layer.W, layer.b, layer.gamma, layer.beta), strict=False):
                    own.copy_(torch.from_numpy(theirs.copy()))

    def parts(self, number: int) -> list[Any]:
        return [*self.linear[number].parameters(), *self.norm[number].parameters()]

    def forward(self, x: Any) -> Any:
        outputs = [x]
        for number, plan in enumerate(self.plans, start=1):
            a = self.norm[number - 1](self.linear[number - 1](outputs[-1]))
            if number < len(self.plans):
                a = VALUES[plan.activation.name](a, **plan.activation.values)
            if self.masks[number - 1] is not None:  # no two libraries draw the same ones
                a = a * torch.from_numpy(self.masks[number - 1].copy())
            outputs.append(a + outputs[number - plan.skip] if plan.skip else a)
        return outputs[-1]

    def vector(self) -> np.ndarray:
        """All parameters, laid out as bplab's."""
        parts = (part for number in range(len(self.plans)) for part in self.parts(number))
        return torch.cat([part.detach().ravel() for part in parts]).numpy()

    def statistics(self) -> np.ndarray:
        norms = [norm for norm in self.norm if isinstance(norm, torch.nn.BatchNorm1d)]
        parts = [part for norm in norms for part in (norm.running_mean, norm.running_var)]
        return torch.cat(parts).numpy() if parts else np.empty(0)


NORMS = {
    "none": lambda _: torch.nn.Identity(),
    "batch_norm": lambda n: torch.nn.BatchNorm1d(n),
    "layer_norm": lambda n: torch.nn.LayerNorm(n),
}
F = torch.nn.functional
VALUES = {
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "sigmoid": torch.sigmoid,
    "identity": lambda z: z,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": lambda z: F.softplus(z, threshold=1e9),
    "softsign": F.softsign,
    "sine": torch.sin,
    "hardtanh": F.hardtanh,
    "softmax": lambda z: torch.softmax(z, dim=1),
}


def differences(case: Case) -> tuple[float, float]:
    """Return the largest difference of any parameter, and of any running statistic, over the run.

    Both are shares of the largest parameter at that moment.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # NAdam keeps a product in the default type
    torch.set_num_threads(1)
    try:
        found = list(_run(case))
    finally:
        torch.set_default_dtype(before)
    return max(one for one, _ in found), max(other for _, other in found)


def _run(case: Case) -> Iterator[tuple[float, float]]:
    t = trainer(case)
    X, Y = (torch.from_numpy(array) for array in (t.samples.X_train.copy(), t.samples.Y_train.copy()))
    twin = Twin(t.network)
    weights = [linear.weight for linear in twin.linear]
    others = [p for p in twin.parameters() if all(p is not W for W in weights)]
    optimizer = case.optimizer(weights, others)
    rate = Rate(case, optimizer, t.settings.warmup_steps)
    for step in range(STEPS):
        rate.set(step)
        record = t.step()
        batch = torch.from_numpy(record.indices.copy())
        twin.masks = [seen.mask for seen in record.layers]
        optimizer.zero_grad()
        case.loss(twin(X[batch]), Y[batch]).backward()
        if case.clip is not None:
            case.clip(twin.parameters())
        if case.penalty is not None:
            case.penalty(weights).backward()
        optimizer.step()
        if case.hold is not None:
            with torch.no_grad():
                case.hold(weights)
        if t.cursor == 0:
            rate.end_epoch(lambda: _whole_loss(case, twin, X, Y))
        if step % 10 == 9:
            yield _compared(t.network, twin)


def _whole_loss(case: Case, twin: Twin, X: Any, Y: Any) -> float:
    twin.eval()
    twin.masks = [None] * len(twin.masks)
    with torch.no_grad():
        loss = case.loss(twin(X), Y).item()
    twin.train()
    return loss


def _compared(net: Network, twin: Twin) -> tuple[float, float]:
    largest = np.abs(net.parameters).max()
    assert np.isfinite(largest)
    own, theirs = net.statistics, twin.statistics()
    return np.abs(net.parameters - twin.vector()).max() / largest, np.abs(own - theirs).max(initial=0.0) / largest


class Rate:
    """PyTorch's LinearLR for the warm-up, then the case's schedule; one that watches the loss does so all the time."""

    def __init__(self, case: Case, optimizer: Any, warmup: int) -> None:
        self.case, self.optimizer, self.warmup = case, optimizer, warmup
        self.full = [group["lr"] for group in optimizer.param_groups]
        self.linear = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / warmup, 1.0, warmup - 1) if warmup else None
        chosen = case.settings.get("schedule")
        watches = chosen is not None and SCHEDULES[chosen.name].watches_loss
        self.plateau = case.schedule(optimizer) if watches else None
        self.scheduler: Any = None

    def set(self, step: int) -> None:
        if 0 < step < self.warmup:
            self.linear.step()
        elif step == self.warmup and self.case.schedule is not None and self.plateau is None:
            for group, lr in zip(self.optimizer.param_groups, self.full, strict=True):
                group["lr"] = lr
                group.pop("initial_lr", None)
            self.scheduler = self.case.schedule(self.optimizer)
        elif self.scheduler is not None:
            self.scheduler.step()

    def end_epoch(self, loss: Callable[[], float]) -> None:
        if self.plateau is not None:
            self.plateau.step(loss())


def activation_cases() -> Iterator[Case]:
    for name, entry in ACTIVATIONS.items():
        if not entry.output_only:
            yield Case(f"activation {name}", hidden=(LayerPlan(ACTIVATIONS.choose(name)),) * 2)


def optimizer_cases() -> Iterator[Case]:
    made = torch.optim
    chosen = {
        "sgd": ({"learning_rate": 0.05}, lambda p: made.SGD(p, lr=0.05)),
        "momentum": ({"learning_rate": 0.02}, lambda p: made.SGD(p, lr=0.02, momentum=0.9)),
        "nesterov": ({"learning_rate": 0.02}, lambda p: made.SGD(p, lr=0.02, momentum=0.9, nesterov=True)),
        "adam": ({"learning_rate": 0.002}, lambda p: made.Adam(p, lr=0.002)),
        "adamw": ({"learning_rate": 0.002}, lambda p: made.AdamW(p, lr=0.002)),
        "nadam": ({"learning_rate": 0.002}, lambda p: made.NAdam(p, lr=0.002)),
        "rmsprop": ({"learning_rate": 0.001}, lambda p: made.RMSprop(p, lr=0.001)),
        "adagrad": ({"learning_rate": 0.05}, lambda p: made.Adagrad(p, lr=0.05)),
    }
    for name, (settings, make) in chosen.items():
        yield _with_optimizer(f"optimizer {name}", name, settings, make)
    more = {
        "rmsprop, momentum": (
            ("rmsprop", {"learning_rate": 0.0005, "alpha": 0.9, "momentum": 0.5}),
            lambda p: made.RMSprop(p, lr=0.0005, alpha=0.9, momentum=0.5),
        ),
        "adagrad, lr_decay": (
            ("adagrad", {"learning_rate": 0.1, "lr_decay": 0.01}),
            lambda p: made.Adagrad(p, lr=0.1, lr_decay=0.01),
        ),
        "adam, betas and eps": (
            ("adam", {"learning_rate": 0.005, "beta1": 0.5, "beta2": 0.9, "eps": 1e-3}),
            lambda p: made.Adam(p, lr=0.005, betas=(0.5, 0.9), eps=1e-3),
        ),
        "adamw, weight_decay": (
            ("adamw", {"learning_rate": 0.005, "weight_decay": 0.5}),
            lambda p: made.AdamW(p, lr=0.005, weight_decay=0.5),
        ),
        "nadam, momentum_decay": (
            ("nadam", {"learning_rate": 0.002, "momentum_decay": 0.1}),
            lambda p: made.NAdam(p, lr=0.002, momentum_decay=0.1),
        ),
    }
    for label, ((name, settings), make) in more.items():
        yield _with_optimizer(f"optimizer {label}", name, settings, make)


def _with_optimizer(label: str, name: str, settings: dict[str, float], make: Callable[[Any], Any]) -> Case:
    return Case(
        label,
        {"optimizer": OPTIMIZERS.choose(name, **settings)},
        optimizer=lambda weights, others: make([*weights, *others]),
    )


def schedule_cases() -> Iterator[Case]:
    lr = torch.optim.lr_scheduler
    plateau = {"factor": 0.7, "patience": 2, "threshold": 0.03}
    chosen = {
        "constant": ({}, lambda o: lr.ConstantLR(o, factor=1.0)),
        "step": ({"every": 70, "gamma": 0.8}, lambda o: lr.StepLR(o, 70, 0.8)),
        "exponential": ({"gamma": 0.997}, lambda o: lr.ExponentialLR(o, 0.997)),
        "cosine": ({"steps": 1000}, lambda o: lr.CosineAnnealingLR(o, 1000)),
        "one_cycle": (
            {"steps": 1000, "rise": 0.4},
            lambda o: lr.OneCycleLR(o, 0.05, total_steps=1000, pct_start=0.4, cycle_momentum=False),
        ),
        "reduce_on_plateau": (plateau, lambda o: lr.ReduceLROnPlateau(o, eps=0.0, **plateau)),
    }
    for name, (settings, make) in chosen.items():
        for warmup in (0, 100):
            choice = {"schedule": SCHEDULES.choose(name, **settings), "warmup_steps": warmup}
            yield Case(f"schedule {name}" + ", warm-up" * bool(warmup), choice, schedule=make)
    lowest = {"schedule": SCHEDULES.choose("cosine", steps=1000, lowest=0.1)}
    yield Case("schedule cosine, lowest", lowest, schedule=lambda o: lr.CosineAnnealingLR(o, 1000, eta_min=0.005))


def loss_cases() -> Iterator[Case]:
    def hinge(a: Any, y: Any) -> Any:  # PyTorch has no such loss; its own autograd differentiates this one
        return torch.clamp(1.0 - (2.0 * y - 1.0) * a, min=0.0).mean()

    def binary(z: Any, y: Any) -> Any:  # the sum over outputs; PyTorch's mean is over outputs too
        return F.binary_cross_entropy_with_logits(z, y) * CLASSES

    for output in ("identity", "sigmoid", "tanh", "softmax"):
        value = VALUES[output]
        yield _with_loss("mse", output, lambda z, y, f=value: F.mse_loss(f(z), y))
        yield _with_loss(
            "half_squared_error", output, lambda z, y, f=value: F.mse_loss(f(z), y, reduction="sum") / len(y) / 2
        )
        yield _with_loss("mae", output, lambda z, y, f=value: F.l1_loss(f(z), y))
        yield _with_loss("huber", output, lambda z, y, f=value: F.huber_loss(f(z), y, delta=0.3), delta=0.3)
    for output in ("identity", "tanh"):
        yield _with_loss("hinge", output, lambda z, y, f=VALUES[output]: hinge(f(z), y))
    yield _with_loss("binary_cross_entropy", "sigmoid", binary)
    yield _with_loss("binary_cross_entropy", "sigmoid", lambda z, y: binary(z, y * 0.9 + 0.05), label_smoothing=0.1)
    yield _with_loss("cross_entropy", "softmax", lambda z, y: F.cross_entropy(z, y.argmax(dim=1)))
    yield _with_loss(
        "cross_entropy",
        "softmax",
        lambda z, y: F.cross_entropy(z, y.argmax(dim=1), label_smoothing=0.1),
        label_smoothing=0.1,
    )
    given = (0.5, 1.0, 3.0)
    yield _with_loss(
        "cross_entropy",
        "softmax",
        lambda z, y: F.cross_entropy(z, y.argmax(dim=1), weight=torch.tensor(given)),
        class_weights=given,
    )
    counts = data("classes")[1].sum(axis=0)
    balanced = (ROWS / (CLASSES * counts)).tolist()
    yield _with_loss(
        "cross_entropy",
        "softmax",
        lambda z, y: F.cross_entropy(z, y.argmax(dim=1), weight=torch.tensor(balanced)),
        class_weights="balanced",
    )


def _with_loss(
    name: str, output: str, loss: Callable[..., Any], class_weights: Any = "none", **settings: float
) -> Case:
    weights = {"none": [], "balanced": ["balanced class weights"]}.get(class_weights, ["given class weights"])
    label = ", ".join([f"loss {name}", output, *settings, *weights])
    chosen = {"loss": LOSSES.choose(name, **settings), "class_weights": class_weights}
    return Case(label, chosen, output=output, target="classes", loss=loss)


def regularizer_cases() -> Iterator[Case]:
    made = torch.optim

    def groups(weights: Any, others: Any, decay: float) -> list[dict[str, Any]]:
        return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]

    def size(weights: Any) -> Any:
        return sum(W.abs().sum() for W in weights)

    def squares(weights: Any) -> Any:
        return sum(W.square().sum() for W in weights)

    def shorten(weights: Any) -> None:  # torch.renorm adds 1e-7 to the length, which would show
        for W in weights:
            W.mul_(1.0 / W.norm(dim=1, keepdim=True).clamp(min=1.0))

    def chosen(name: str, **settings: float) -> dict[str, Any]:
        return {"regularizer": REGULARIZERS.choose(name, **settings)}

    adam = {"optimizer": OPTIMIZERS.choose("adam", learning_rate=0.002)}
    clipped = {"clipping": CLIPPINGS.choose("norm", largest=0.1)}
    yield Case(
        "regularizer l2",
        chosen("l2", strength=0.01),
        optimizer=lambda weights, others: made.SGD(groups(weights, others, 0.01), lr=0.05),
    )
    yield Case(
        "regularizer l2, adam",
        chosen("l2", strength=0.01) | adam,
        optimizer=lambda weights, others: made.Adam(groups(weights, others, 0.01), lr=0.002),
    )
    yield Case("regularizer l1", chosen("l1", strength=0.0003), penalty=lambda weights: 0.0003 * size(weights))
    yield Case(
        "regularizer l1_l2",
        chosen("l1_l2", l1=0.0003, l2=0.01),
        penalty=lambda weights: 0.0003 * size(weights) + 0.005 * squares(weights),
    )
    yield Case(
        "regularizer weight_decay, adam",
        chosen("weight_decay", strength=0.5) | adam,
        optimizer=lambda weights, others: made.AdamW(groups(weights, others, 0.5), lr=0.002),
    )
    yield Case("regularizer max_norm", chosen("max_norm", largest=1.0), hold=shorten)
    yield Case("clipping norm", clipped, clip=lambda p: torch.nn.utils.clip_grad_norm_(p, 0.1))
    yield Case(
        "clipping value",
        {"clipping": CLIPPINGS.choose("value", largest=0.02)},
        clip=lambda p: torch.nn.utils.clip_grad_value_(p, 0.02),
    )
    yield Case(
        "clipping norm, regularizer l2",
        chosen("l2", strength=0.01) | clipped,
        clip=lambda p: torch.nn.utils.clip_grad_norm_(p, 0.1),
        optimizer=lambda weights, others: made.SGD(groups(weights, others, 0.01), lr=0.05),
    )


def layer_cases() -> Iterator[Case]:
    def plan(normalization: str = "none", **more: Any) -> LayerPlan:
        return LayerPlan(ACTIVATIONS.choose("tanh"), NORMALIZATIONS.choose(normalization), **more)

    yield Case("batch norm", hidden=(plan("batch_norm"),) * 2)
    yield Case("layer norm", hidden=(plan("layer_norm"),) * 2)
    yield Case("skip around one layer", hidden=(plan(), plan(skip=1)))
    yield Case("skip from the input", hidden=(plan(skip=1), plan()), sizes=(3, 5))
    yield Case("skip around two layers", hidden=(plan(), plan(), plan(skip=2)), sizes=(5, 4, 5))
    yield Case("dropout, the same masks", hidden=(plan(dropout=0.3), plan(dropout=0.1)))
    yield Case("batch norm, dropout, skip", hidden=(plan("batch_norm", dropout=0.2), plan(dropout=0.2, skip=1)))
    yield Case("batch norm, layer norm, skip", hidden=(plan("layer_norm"), plan("batch_norm", skip=1)))
    yield Case(
        "batch norm, reduce on plateau",
        {"schedule": SCHEDULES.choose("reduce_on_plateau", factor=0.7, patience=1, threshold=0.03)},
        hidden=(plan("batch_norm"), plan()),
        schedule=lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(
            o, eps=0.0, factor=0.7, patience=1, threshold=0.03
        ),
    )


CASES = [
    *activation_cases(),
    *optimizer_cases(),
    *schedule_cases(),
    *loss_cases(),
    *regularizer_cases(),
    *layer_cases(),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_thousand_steps_end_where_pytorchs_do(case):
    parameters, statistics = differences(case)
    assert parameters <= LIMIT
    assert statistics <= LIMIT


def test_every_optimizer_and_schedule_that_pytorch_has_is_compared():
    names = {case.name for case in CASES}
    assert {f"optimizer {name}" for name in OPTIMIZERS} - names == {"optimizer lion"}
    assert not hasattr(torch.optim, "Lion")
    assert {f"schedule {name}{warm}" for name in SCHEDULES for warm in ("", ", warm-up")} <= names
    assert {case.settings["loss"].name for case in CASES if "loss" in case.settings} == set(LOSSES)
    assert {f"activation {name}" for name, entry in ACTIVATIONS.items() if not entry.output_only} <= names


@pytest.mark.parametrize(
    "name",
    ["schedule reduce_on_plateau", "schedule reduce_on_plateau, warm-up", "batch norm, reduce on plateau"],
)
def test_the_rate_did_change_on_the_plateau(name):
    t = trainer(next(case for case in CASES if case.name == name))
    t.run(STEPS)
    assert t.checkpoint().monitor.scale <= 0.7**3


@pytest.mark.parametrize(
    "other",
    [
        Case("rate", optimizer=lambda weights, others: torch.optim.SGD([*weights, *others], lr=0.05 * (1 + 1e-6))),
        Case("loss", loss=lambda a, y: F.mse_loss(a, y + 1e-6)),
        Case("clipping", clip=lambda p: torch.nn.utils.clip_grad_norm_(p, 0.1)),
    ],
    ids=lambda case: case.name,
)
def test_a_small_difference_of_settings_would_be_seen(other):
    assert differences(other)[0] > 100 * LIMIT


def main() -> None:
    """Print the largest difference of every case."""
    worst = 0.0
    for case in CASES:
        parameters, statistics = differences(case)
        worst = max(worst, parameters, statistics)
        more = f"   running statistics {statistics:.1e}" if statistics else ""
        print(f"{case.name:48}{parameters:9.1e}{more}")
    print(f"{len(CASES)} cases, {STEPS} steps each; PyTorch {torch.__version__}; the largest: {worst:.1e}")


if __name__ == "__main__":
    main()
