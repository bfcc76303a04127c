"""Networks of a configuration: the arguments of `networks.named`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, NonNegativeFloat, PositiveFloat, Tag

from widelimit.config.section import Section

__all__ = ["AnyNetwork"]


class FullyConnected(Section):
    """A fully connected network."""

    kind: Literal["mlp"] = "mlp"
    """What it is."""
    activation: Literal["relu", "leaky_relu", "erf", "gelu", "sin"]
    """Activation between the layers (leaky_relu has slope 0.1)."""
    depth: Annotated[int, Field(ge=1, le=200)]
    """Number of weight layers."""
    w_std: PositiveFloat = 1.0
    """Standard deviation of the weights times the square root of the fan-in, σ_w."""
    b_std: NonNegativeFloat = 0.0
    """Standard deviation of the biases, σ_b; 0 means no biases."""


class ConvolutionalTangents(Section):
    """The network of Arora et al. 2019, for images: convolutions of 3 × 3 with ReLU, and a dense layer."""

    kind: Literal["cntk"]
    """What it is."""
    depth: Annotated[int, Field(ge=2, le=50)]
    """Number of weight layers."""
    pooling: bool = True
    """Whether a global average stands in front of the dense layer; otherwise it sees all positions."""
    fixed: bool = True
    """Whether the first and the last layer are not trained, as in the code of its authors."""


class Myrtle(Section):
    """A network of Shankar et al. 2020, for images: blocks of convolutions with averages over 2 × 2 between them."""

    kind: Literal["myrtle"]
    """What it is."""
    layers: Literal[5, 7, 10]
    """Number of weight layers."""


def _kind(network: Any) -> str:
    kind = (
        network.get("kind", "mlp") if isinstance(network, dict) else getattr(network, "kind", "mlp")
    )
    return str(kind)


AnyNetwork = Annotated[
    Annotated[FullyConnected, Tag("mlp")]
    | Annotated[ConvolutionalTangents, Tag("cntk")]
    | Annotated[Myrtle, Tag("myrtle")],
    Discriminator(_kind),
]
