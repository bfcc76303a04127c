"""Data sets of a configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, model_validator

from widelimit.config.section import Classes, Section

__all__ = ["AnyDataSet"]


class DataSet(Section):
    """What all data sets have in common."""

    train: PositiveInt
    """Number of training samples, chosen at random."""
    test: NonNegativeInt = 0
    """Number of test samples, chosen at random from the rest or from the source's own test set."""
    noise: NonNegativeFloat = 0.0
    """Standard deviation of Gaussian noise on the training targets."""
    balanced: bool = False
    """Whether there are as many training samples of each class."""

    @property
    def has_images(self) -> bool:
        """Whether its inputs are images."""
        return False

    @property
    def is_classified(self) -> bool:
        """Whether its targets are classes."""
        return False


class Measured(DataSet):
    """What data sets that others have measured have in common; some are images."""

    standardize: Literal["features", "channels", "sphere", "none"] = "sphere"
    """Standardisation of inputs: each feature, or each colour channel of images, to mean 0 and variance 1, or centred
    and then each sample scaled to |x|² = d, or none."""


class Bundled(Measured):
    """Real data that ships with the dependencies."""

    source: Literal["digits", "breast_cancer", "diabetes", "mnist5k"]
    """Which data; digits and mnist5k are images."""
    classes: Classes | None = None
    """Class numbers to keep; all by default."""

    @property
    def has_images(self) -> bool:
        return self.source in ("digits", "mnist5k")

    @property
    def is_classified(self) -> bool:
        return self.source != "diabetes"


class Fetched(Measured):
    """Image sets that are downloaded once, or read from a local file or folder."""

    source: Literal["mnist", "fashion_mnist", "cifar10"]
    """Which data."""
    path: str | None = None
    """Local file or folder instead of the network: the files as published, or an .npz file with
    x_train, y_train, x_test, y_test."""
    classes: Classes | None = None
    """Class numbers to keep; all by default."""

    @property
    def has_images(self) -> bool:
        return True

    @property
    def is_classified(self) -> bool:
        return True


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
    standardize: Literal["features", "sphere", "none"] = "sphere"
    """Standardisation of inputs: each feature to mean 0 and variance 1, or centred and then each
    sample scaled to |x|² = d, or none."""
    path: str
    """An .npz or .nc file with x and y, or a .csv or .parquet table."""
    target: list[str] | None = None
    """Target columns of a table; the last column by default."""
    has_classes: bool = False
    """Whether the target holds class names or numbers instead of values."""
    classes: Classes | None = None
    """Class numbers to keep, in the order of the sorted class names; all by default."""

    @property
    def is_classified(self) -> bool:
        return self.has_classes


AnyDataSet = Annotated[Bundled | Fetched | Generated | UserFile, Field(discriminator="source")]
