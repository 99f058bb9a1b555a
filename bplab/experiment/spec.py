"""What the user designed, as one frozen value: the declaration gives validation, the file's schema and the limits.

Network, data and training are each a model; a part that comes from a catalogue is a `Choice`, written in files as
``{"name": "adam", "learning_rate": 0.01, ...}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from bplab.catalogue import Catalogue, Choice
from bplab.data.features import Input, parse_input
from bplab.data.sources import SOURCES
from bplab.data.tables.reading import Reading
from bplab.data.tables.roles import Column
from bplab.engine.activations import ACTIVATIONS
from bplab.engine.clipping import CLIPPINGS
from bplab.engine.initializers import BIAS_INITIALIZERS, INITIALIZERS
from bplab.engine.losses import LOSSES
from bplab.engine.normalization import NORMALIZATIONS
from bplab.engine.optimizers import OPTIMIZERS
from bplab.engine.regularizers import REGULARIZERS
from bplab.engine.schedules import SCHEDULES
from bplab.errors import BplabError

LARGEST_SEED = 2**31 - 1

Kind: TypeAlias = Literal["auto", "classes", "numbers"]


def _chosen_from(catalogue: Catalogue[Any]) -> tuple[BeforeValidator, PlainSerializer, WithJsonSchema]:
    """How a choice from this catalogue is read, written and described."""

    def read(value: object) -> Choice:
        given = {"name": value.name, **value.values} if isinstance(value, Choice) else value
        if isinstance(given, str):
            given = {"name": given}
        if not isinstance(given, Mapping) or not isinstance(given.get("name"), str):
            raise ValueError(f"a {catalogue.kind} needs a name")
        settings = {key: setting for key, setting in given.items() if key != "name"}
        try:
            return catalogue.choose(given["name"], **settings)
        except BplabError as error:
            raise ValueError(str(error)) from None

    def write(choice: Choice) -> dict[str, object]:
        return {"name": choice.name, **choice.values}

    schema = {"type": "object", "properties": {"name": {"enum": list(catalogue)}}, "required": ["name"]}
    return BeforeValidator(read), PlainSerializer(write), WithJsonSchema(schema)


ActivationChoice = Annotated[Choice, *_chosen_from(ACTIVATIONS)]
LossChoice = Annotated[Choice, *_chosen_from(LOSSES)]
OptimizerChoice = Annotated[Choice, *_chosen_from(OPTIMIZERS)]
ScheduleChoice = Annotated[Choice, *_chosen_from(SCHEDULES)]
RegularizerChoice = Annotated[Choice, *_chosen_from(REGULARIZERS)]
ClippingChoice = Annotated[Choice, *_chosen_from(CLIPPINGS)]
NormalizationChoice = Annotated[Choice, *_chosen_from(NORMALIZATIONS)]
InitializerChoice = Annotated[Choice, *_chosen_from(INITIALIZERS)]
BiasInitializerChoice = Annotated[Choice, *_chosen_from(BIAS_INITIALIZERS)]
SourceChoice = Annotated[Choice, *_chosen_from(SOURCES)]
PARTS: Mapping[str, Catalogue[Any]] = {  # the fields of `TrainingSpec` that are chosen from a catalogue
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "regularizer": REGULARIZERS,
    "clipping": CLIPPINGS,
    "initializer": INITIALIZERS,
    "bias_initializer": BIAS_INITIALIZERS,
}
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Key = Annotated[int, Field(ge=1, le=LARGEST_SEED)]


def _read_input(value: object) -> Input:
    if isinstance(value, Input):
        return value
    try:
        return parse_input(value if isinstance(value, str) else "")
    except BplabError as error:
        raise ValueError(str(error)) from None


InputText = Annotated[Input, BeforeValidator(_read_input), PlainSerializer(str), WithJsonSchema({"type": "string"})]


class Spec(BaseModel):
    """A frozen value that refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)


class LayerSpec(Spec):
    """A hidden layer; `key` names it for good, so that its weights are found again after an edit."""

    key: Key
    size: int = Field(ge=1, le=4096, description="How many neurons the layer has.")
    activation: ActivationChoice
    normalization: NormalizationChoice = NORMALIZATIONS.choose("none")
    dropout: float = Field(
        default=0.0, ge=0.0, le=0.95, description="The share of its neurons that is switched off at each step."
    )
    skip_from: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_SEED,
        description="The layer, by its key or 0 for the input, whose output it adds.",
    )
    name: str = Field(default="", max_length=60, description="What the user calls it.")
    neurons: tuple[Key, ...] = Field(
        default=(), max_length=4096, description="The name of each neuron for good; none for 1, 2, 3 and so on."
    )
    copies: tuple[tuple[Key, Key], ...] = Field(
        default=(), max_length=4096, description="Which neurons began as a copy of another, and of which."
    )

    @model_validator(mode="after")
    def _check_neurons(self) -> Self:
        if self.neurons and (len(self.neurons) != self.size or len(set(self.neurons)) != self.size):
            raise ValueError(f"{self.size} neurons need as many names, all different")
        return self


class Part(Spec):
    """A layer, a neuron, a connection or a bias, by names that stay; see `bplab.experiment.naming`."""

    layer: int = Field(ge=-1, le=LARGEST_SEED, description="The key of the layer; -1 for the output layer.")
    neuron: Key | None = Field(default=None, description="A neuron of it; none for the whole layer.")
    source: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_SEED,
        description="The neuron of the layer before that it hears; 0 for the bias, none for the whole neuron.",
    )

    @property
    def name(self) -> tuple[int, int | None, int | None]:
        """What tells it from all others."""
        return self.layer, self.neuron, self.source


class Pruned(Part):
    """A connection that was taken out, with the weights that it gets back with."""

    neuron: Key
    source: Key
    weight: float
    initial: float


class NetworkSpec(Spec):
    """The hidden layers; the input layer follows the data's features and the output layer its target."""

    hidden: tuple[LayerSpec, ...] = Field(default=(), max_length=64)
    output_activation: ActivationChoice | None = Field(
        default=None, description="None: what suits the loss and the target."
    )
    dtype: Literal["float64", "float32"] = Field(
        default="float64", description="How exactly numbers are kept: with about 16 digits, or with 7."
    )
    frozen: tuple[Part, ...] = Field(default=(), max_length=10_000, description="What training leaves as it is.")
    pruned: tuple[Pruned, ...] = Field(default=(), max_length=10_000, description="Connections that were taken out.")


class TableSource(Spec):
    """A table that the user brought; `sha256` says which bytes are meant, wherever the file is now."""

    path: str = Field(max_length=4096)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    targets: tuple[Annotated[str, Field(max_length=1024)], ...] = Field(default=(), max_length=1024)
    kind: Kind = "auto"
    reading: Reading = Field(default=Reading(), description="How its text is read.")
    columns: tuple[Column, ...] = Field(
        default=(), max_length=100_000, description="What each column is for; none for `targets`, and numbers."
    )


class DataSpec(Spec):
    """Which data, and how they are prepared."""

    source: SourceChoice | TableSource
    test_fraction: float = Field(
        default=0.2,
        ge=0.0,
        le=0.9,
        description="The share of the samples that is kept for testing, never for training.",
    )
    split: Literal["stratified", "random", "in_order", "k_fold", "by_column"] = Field(
        default="stratified", description="How the samples for testing are chosen."
    )
    folds: int = Field(default=5, ge=2, le=100, description="To how many folds the samples are dealt.")
    fold: int = Field(default=1, ge=1, le=100, description="Which of the folds tests.")
    scaling: Literal["standardize", "min_max", "robust", "none"] = Field(
        default="standardize", description="How the inputs are brought to a common size, by the training rows alone."
    )
    standardize_target: bool = Field(
        default=True, description="Give a target of numbers mean 0 and standard deviation 1."
    )
    balance: Literal["none", "over", "under"] = Field(
        default="none", description="Whether every class trains with as many samples."
    )
    label_noise: float = Field(
        default=0.0, ge=0.0, le=1.0, description="The share of the training samples with a wrong target."
    )
    most_samples: int | None = Field(
        default=None, ge=2, le=10**9, description="Use only so many samples, drawn by the seed."
    )
    seed: Seed = Field(default=1, description="Decides what is made, and which samples are for testing.")
    inputs: tuple[InputText, ...] = Field(
        default=(), max_length=4096, description="What the network hears; none for every feature as it is."
    )


class TrainingSpec(Spec):
    """How the network is trained; satisfies `bplab.engine.settings.Settings`."""

    loss: LossChoice
    optimizer: OptimizerChoice = OPTIMIZERS.choose("sgd")
    schedule: ScheduleChoice = SCHEDULES.choose("constant")
    warmup_steps: int = Field(
        default=0, ge=0, le=10**9, description="Over so many steps the learning rate first grows to its full size."
    )
    regularizer: RegularizerChoice = REGULARIZERS.choose("none")
    clipping: ClippingChoice = CLIPPINGS.choose("none")
    initializer: InitializerChoice = INITIALIZERS.choose("xavier_uniform")
    bias_initializer: BiasInitializerChoice = BIAS_INITIALIZERS.choose("zeros")
    class_weights: Literal["none", "balanced"] | tuple[Annotated[float, Field(gt=0.0, le=1e6)], ...] = Field(
        default="none", description="How much the samples of each class count: alike, the rare ones more, or as given."
    )
    batch_size: int = Field(
        default=10, ge=1, le=100_000, description="How many samples are averaged for one update of the weights."
    )
    seed: Seed = Field(default=1, description="Decides the initial weights and the order of the samples.")
    shuffle: bool = Field(default=True, description="Take the samples in another order in each epoch.")
    stop_epochs: int | None = Field(default=None, ge=1, le=10**9, description="Stop after so many epochs.")
    stop_loss: float | None = Field(default=None, description="Stop when the loss has fallen to this.")
    stop_accuracy: float | None = Field(
        default=None, ge=0.0, le=1.0, description="Stop when the accuracy has risen to this."
    )
    stop_patience: int | None = Field(
        default=None, ge=1, le=10**9, description="Stop when the loss has not fallen for so many epochs."
    )


class ExperimentSpec(Spec):
    """Everything that the user designed."""

    data: DataSpec
    network: NetworkSpec
    training: TrainingSpec
    notes: str = Field(default="", max_length=100_000, description="What the user wrote down about it.")
