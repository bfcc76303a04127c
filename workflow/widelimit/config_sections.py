"""The sections of a configuration: every key, its type, its default and what it means."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

__all__ = [
    "AnyDataSet",
    "Distinct",
    "Empirical",
    "FiveQubit",
    "MeanField",
    "Name",
    "Network",
    "Overfitting",
    "Pair",
    "Pinn",
    "Processes",
    "Section",
    "Spectra",
    "SurfaceCode",
]


def _not_reserved(name: str) -> str:
    if name in {"provenance", "logs", "benchmarks"}:
        raise ValueError(f"{name!r} is the name of a folder in each results tree; choose another")
    return name


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$"), AfterValidator(_not_reserved)]


def _distinct(values: list[Any]) -> list[Any]:
    twice = sorted({str(v) for v in values if values.count(v) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands there twice; expected distinct values")
    return values


Distinct = AfterValidator(_distinct)
Widths = Annotated[list[PositiveInt], Field(min_length=1), Distinct]
Classes = Annotated[list[NonNegativeInt], Field(min_length=2), Distinct]


class Section(BaseModel):
    """A part of the configuration; keys that it does not have are refused."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class DataSet(Section):
    """What all data sets have in common."""

    train: PositiveInt
    """Number of training samples, chosen at random."""
    test: NonNegativeInt = 0
    """Number of test samples, chosen at random from the rest or from the source's own test set."""
    standardize: Literal["features", "sphere", "none"] = "sphere"
    """Standardisation of inputs: each feature to mean 0 and variance 1, or centred and then each
    sample scaled to |x|² = d, or none."""
    noise: NonNegativeFloat = 0.0
    """Standard deviation of Gaussian noise on the training targets."""


class Images(DataSet):
    """What data sets that may be images have in common."""

    standardize: Literal["features", "channels", "sphere", "none"] = "sphere"
    """Standardisation of inputs: each feature, or each colour channel of images, to mean 0 and variance 1, or centred
    and then each sample scaled to |x|² = d, or none."""


class Bundled(Images):
    """Real data that ships with the dependencies."""

    source: Literal["digits", "breast_cancer", "diabetes", "mnist5k"]
    """Which data; digits and mnist5k are images."""
    classes: Classes | None = None
    """Class numbers to keep; all by default."""


class Fetched(Images):
    """Image sets that are downloaded once, or read from a local file or folder."""

    source: Literal["mnist", "fashion_mnist", "cifar10"]
    """Which data."""
    path: str | None = None
    """Local file or folder instead of the network: the files as published, or an .npz file with
    x_train, y_train, x_test, y_test."""
    classes: Classes | None = None
    """Class numbers to keep; all by default."""


class Generated(DataSet):
    """Synthetic inputs with |x|² = d and a teacher function."""

    source: Literal["circle", "sphere", "hypercube"]
    """Domain of the inputs."""
    dimension: Annotated[int, Field(ge=2)]
    """Dimension d of the space around the domain; 2 for the circle."""
    teacher: Literal["zero", "linear", "quadratic", "product", "parity3", "sine"] = "linear"
    """Target function of the first coordinates."""
    standardize: Literal["features", "sphere", "none"] = "none"
    """As for other data; generated inputs need none."""

    @model_validator(mode="after")
    def _fits_its_domain(self) -> Generated:
        count = self.train + self.test
        if self.source == "circle" and self.dimension != 2:
            raise ValueError(f"dimension is {self.dimension}, expected 2 for a circle")
        if self.source == "hypercube" and count > 2**self.dimension:
            raise ValueError(
                f"train + test is {count}, but the hypercube has {2**self.dimension} corners"
            )
        if self.teacher == "parity3" and self.dimension < 3:
            raise ValueError(f"teacher parity3 needs dimension 3 or more, got {self.dimension}")
        return self


class UserFile(DataSet):
    """The user's own data."""

    source: Literal["file"]
    """The word "file"."""
    path: str
    """An .npz or .nc file with x and y, or a .csv or .parquet table."""
    target: list[str] | None = None
    """Target columns of a table; the last column by default."""
    has_classes: bool = False
    """Whether the target holds class names or numbers instead of values."""
    classes: Classes | None = None
    """Class numbers to keep, in the order of the sorted class names; all by default."""


AnyDataSet = Annotated[Bundled | Fetched | Generated | UserFile, Field(discriminator="source")]


class Network(Section):
    """A fully connected network."""

    activation: Literal["relu", "leaky_relu", "erf", "gelu", "sin"]
    """Activation between the layers (leaky_relu has slope 0.1)."""
    depth: Annotated[int, Field(ge=1, le=200)]
    """Number of weight layers."""
    w_std: PositiveFloat = 1.0
    """Standard deviation of the weights times the square root of the fan-in, σ_w."""
    b_std: NonNegativeFloat = 0.0
    """Standard deviation of the biases, σ_b; 0 means no biases."""


class Pair(Section):
    """Networks to be studied on a data set."""

    dataset: Name
    """Name of a data set (lower-case letters, digits, dashes)."""
    networks: Annotated[list[Name], Field(min_length=1)]
    """Names of networks."""


class Empirical(Section):
    """Empirical tangent kernels of finite networks."""

    pairs: Annotated[list[Pair], Field(min_length=1)]
    """What to study; the analytic kernels of these pairs are computed as well."""
    widths: Widths = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
    """Widths of all hidden layers; adding one computes that width alone."""
    seeds: Annotated[int, Field(ge=2)] = 32
    """Independent draws of the parameters at each width."""
    seeds_per_chunk: PositiveInt = 8
    """Draws in one file; an interrupted job goes on after its last whole chunk."""
    samples: PositiveInt = 32
    """The first so many training samples."""
    fit_from: PositiveInt = 64
    """Smallest width that enters the fitted exponent."""


class Spectra(Section):
    """Spectra of kernels."""

    decay_range: tuple[PositiveInt, PositiveInt] = (5, 50)
    """Range of eigenvalue indices, from 1, in which the decay exponent is fitted."""
    sphere_dimension: Annotated[int, Field(ge=2)] = 3
    """Dimension of the space around the sphere on which eigenvalues are exact."""
    sphere_degrees: PositiveInt = 60
    """Highest degree of spherical harmonics."""
    sphere_samples: PositiveInt = 800
    """Random points on the sphere whose kernel matrix is compared with the exact eigenvalues."""
    depth_dataset: Name
    """Data set for the condition number against depth."""
    depth_samples: PositiveInt = 32
    """The first so many training samples of it."""
    depths: Widths = [1, 2, 4, 8, 16, 32, 64]
    """Numbers of weight layers at which the condition number is computed."""


class Overfitting(Section):
    """Interpolation of noise, and double descent."""

    dataset: Name
    """Real data set beside the sphere."""
    sizes: Widths = [50, 100, 200, 400]
    """Training set sizes."""
    trials: Annotated[int, Field(ge=2)] = 20
    """Independent draws at each size."""
    test: PositiveInt = 300
    """Test samples."""
    descent_features: Widths = [20, 40, 60, 80, 90, 95, 100, 106, 112, 125, 150, 200, 400, 800]
    """Numbers of random features; the samples are 100."""
    descent_trials: Annotated[int, Field(ge=2)] = 40
    """Independent draws for each number of features."""


class Processes(Section):
    """Gaussian processes with the kernels of a network beside those with RBF, Matérn and linear kernels."""

    datasets: Annotated[list[Name], Field(min_length=1), Distinct]
    """Names of data sets; class labels are targets like any others."""
    network: Name
    """Name of the network whose NNGP and NTK are the kernels."""
    fitted: Annotated[list[str], Distinct] = ["0__*_std"]
    """Hyper-parameters of the network that are fitted beside amplitude and noise: number of the layer
    (activations count), two underscores, w_std or b_std; wildcards are allowed."""
    train: Annotated[int, Field(ge=2)] = 128
    """Training samples of each split."""
    test: PositiveInt = 100
    """Test samples of each split; both are drawn from the training samples of the data set."""
    splits: Annotated[int, Field(ge=2)] = 10
    """Random splits; intervals are over these."""
    restarts: NonNegativeInt = 1
    """Random starts of each fit of hyper-parameters, after a first one that is not random."""


class Points(Section):
    """Gauss points of the two problems."""

    bar: PositiveInt = 32
    """Points on the bar."""
    plane: PositiveInt = 10
    """Points for each axis of the plane."""


class Pinn(Section):
    """Physics-informed networks for elasticity."""

    activations: Annotated[
        list[Literal["relu", "relu2", "tanh", "gelu", "erf"]], Field(min_length=1)
    ] = ["relu", "relu2", "tanh", "gelu"]
    """Activations to compare (relu2 is the squared rectifier)."""
    networks: Annotated[int, Field(ge=2)] = 3
    """Networks trained for each activation."""
    width: PositiveInt = 32
    """Units of both hidden layers."""
    steps: PositiveInt = 1000
    """Steps of the optimiser."""
    learning_rate: PositiveFloat = 0.01
    """First step size of Adam."""
    points: Points = Points()
    """Gauss points for each axis."""
    boundary_weight: PositiveFloat = 100.0
    """Weight of the boundary conditions in the loss."""


class FiveQubit(Section):
    """Learned decoders for the [[5,1,3]] code."""

    error_rate: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    """Physical error rate of the depolarising noise."""
    samples: Widths = [50, 200, 1000, 5000]
    """Training set sizes."""
    draws: Annotated[int, Field(ge=2)] = 10
    """Independent training sets of each size."""
    widths: Widths = [16, 64, 256]
    """Widths of the trained networks."""
    steps: PositiveInt = 300
    """Steps of the optimiser."""
    shots: PositiveInt = 1_000_000
    """Sampled errors that check the exact rate."""


class SurfaceCode(Section):
    """Learned decoders for rotated surface codes under circuit noise."""

    distances: Annotated[list[Literal[3, 5, 7]], Field(min_length=1)] = [3, 5]
    """Code distances; the memory experiment has as many rounds."""
    error_rates: Annotated[list[Annotated[float, Field(gt=0, lt=0.5)]], Field(min_length=1)] = [
        0.002,
        0.005,
        0.01,
    ]
    """Physical error rates."""
    train: PositiveInt = 2000
    """Training shots."""
    test: PositiveInt = 5_000
    """Test shots."""
    width: PositiveInt = 256
    """Width of the trained network."""
    steps: PositiveInt = 600
    """Steps of the optimiser."""


class MeanField(Section):
    """Two-layer networks as particles, and the mean-field game."""

    sizes: Annotated[Widths, Field(min_length=2)] = [32, 64, 128, 256, 512]
    """Numbers of particles."""
    repetitions: Annotated[int, Field(ge=2)] = 32
    """Independent clouds of each size."""
    transport_sizes: Widths = [64, 128, 256]
    """Numbers of particles whose Wasserstein distance to the limit is computed."""
    transport_repetitions: Annotated[int, Field(ge=2)] = 6
    """Independent clouds for it."""
    agents: PositiveInt = 20_000
    """Agents of the simulated game."""
