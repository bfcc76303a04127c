"""What each stage of a study computes: every key, its type, its default and what it means."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from widelimit.config.section import Distinct, Name, Section, Widths

__all__ = [
    "Empirical",
    "FiveQubit",
    "ImageNetworks",
    "MeanField",
    "Overfitting",
    "Pair",
    "Pinn",
    "Processes",
    "SmallData",
    "Spectra",
    "SurfaceCode",
]


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


class SmallData(Section):
    """What kernels of convolutional networks learn from few images."""

    dataset: Name
    """Name of a data set of images; its training samples are the pool."""
    networks: Annotated[list[Name], Field(min_length=1), Distinct]
    """Names of convolutional networks."""
    sizes: Widths = [10, 20, 40, 80, 160, 320, 640]
    """Numbers of training images: multiples of the number of classes, up to half of each class of the pool."""
    draws: Annotated[int, Field(ge=2)] = 20
    """Training sets of each size."""
    resamples: Annotated[int, Field(ge=40)] = 200
    """Resamples of pool and test images, by which intervals are made."""
    precision: Literal["float32", "float64"] = "float32"
    """Precision of these kernels."""
    shares: PositiveInt = 1
    """Jobs that share the computation of one kernel; `widelimit plan` says how long they take."""


class ImageNetworks(Section):
    """Trained convolutional networks of growing width beside the kernels that are their limits."""

    dataset: Name
    """Name of a data set of images with a test set."""
    pooled: Name
    """Name of a network of kind cntk with `pooling: true`; `fixed: false` trains all of it."""
    flat: Name
    """Name of the same network with `pooling: false`."""
    widths: Widths = [8, 16, 32]
    """Channels of all convolutions."""
    train: PositiveInt = 100
    """Images of a training set: a multiple of the number of classes."""
    draws: Annotated[int, Field(ge=2)] = 5
    """Training sets; each has a network of each width."""
    steps: PositiveInt = 600
    """Steps of the optimiser, over the whole training set."""
    learning_rate: PositiveFloat = 0.1
    """First step size of Adam at one channel. It falls like the root of their number, as outputs change by the sum of all
    steps over that root."""
    ridge: NonNegativeFloat = 1e-4
    """What is added to the diagonal of the kernel, over its mean."""
    precision: Literal["float32", "float64"] = "float32"
    """Precision of the kernels."""
    resamples: Annotated[int, Field(ge=100)] = 1000
    """Resamples of training sets and test images, by which intervals are made."""


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
