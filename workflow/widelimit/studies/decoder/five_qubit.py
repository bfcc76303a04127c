r"""The [[5,1,3]] code, enumerated: all 1024 Pauli errors, their syndromes and logical classes.

A Pauli error is a pair of bit strings (x, z). Its syndrome has one bit for each stabiliser that it
anticommutes with. Relative to a fixed correction for each syndrome it belongs to one of four logical
classes; a decoder is a table from 16 syndromes to 4 classes, and its logical error rate is an exact
polynomial of the physical one.
"""

from __future__ import annotations

from itertools import product

import numpy as np

__all__ = [
    "CLASSES",
    "SYNDROMES",
    "channel",
    "class_probabilities",
    "count_failures",
    "logical_error_rate",
    "lookup_polynomial",
    "lookup_table",
    "most_likely_table",
    "sample",
    "weight_counts",
]

_STABILISERS = ("XZZXI", "IXZZX", "XIXZZ", "ZXIXZ")
_LOGICALS = ("XXXXX", "ZZZZZ")
SYNDROMES = 16
CLASSES = 4


def _bits(paulis: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Bit strings (x, z), each (n, 5), of Pauli words."""
    letters = np.array([list(word) for word in paulis])
    return np.isin(letters, ["X", "Y"]).astype(int), np.isin(letters, ["Z", "Y"]).astype(int)


def _anticommute(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """1 where word i of ``a`` anticommutes with word j of ``b``, shape (na, nb)."""
    return (a[0] @ b[1].T + a[1] @ b[0].T) % 2


_ERRORS = ["".join(word) for word in product("IXYZ", repeat=5)]
_COUNTS = np.array([[word.count(p) for p in "XYZ"] for word in _ERRORS])
_SYNDROME = _anticommute(_bits(_ERRORS), _bits(list(_STABILISERS))) @ (1 << np.arange(4))
_LOGICAL = _anticommute(_bits(_ERRORS), _bits(list(_LOGICALS))) @ np.array([1, 2])


def _reference_class() -> np.ndarray:
    """The logical class of each error relative to its syndrome's reference correction.

    The reference is a product of one error for each syndrome bit, so that it is linear in the
    syndrome and knows nothing of how likely errors are: the class carries all the information.
    """
    weight = _COUNTS.sum(1)
    corrections = [
        min(np.flatnonzero(1 << bit == _SYNDROME), key=lambda e: (weight[e], e)) for bit in range(4)
    ]
    offset = np.zeros(SYNDROMES, int)
    for s in range(SYNDROMES):
        for bit in range(4):
            offset[s] ^= _LOGICAL[corrections[bit]] * ((s >> bit) & 1)
    return _LOGICAL ^ offset[_SYNDROME]


_CLASS = _reference_class()


def channel(px: float, py: float, pz: float) -> np.ndarray:
    """Probability of each of the 1024 errors under independent noise on each qubit, (1024,)."""
    rates = np.array([px, py, pz])
    return np.prod(rates**_COUNTS, axis=1) * (1 - rates.sum()) ** (5 - _COUNTS.sum(1))


def class_probabilities(errors: np.ndarray) -> np.ndarray:
    """P(syndrome, class), shape (16, 4), from the probabilities of the errors (1024,)."""
    table = np.zeros((SYNDROMES, CLASSES))
    np.add.at(table, (_SYNDROME, _CLASS), errors)
    return table


def lookup_table() -> np.ndarray:
    """The decoder that assumes the error of least weight: a class for each syndrome, (16,).

    The code is perfect: each syndrome but zero belongs to exactly one error on a single qubit.
    """
    weight = _COUNTS.sum(1)
    best = [
        min(np.flatnonzero(s == _SYNDROME), key=lambda e: (weight[e], e)) for s in range(SYNDROMES)
    ]
    return _CLASS[best]


def most_likely_table(errors: np.ndarray) -> np.ndarray:
    """The maximum-likelihood decoder for a noise model: a class for each syndrome, (16,)."""
    return class_probabilities(errors).argmax(1)


def logical_error_rate(table: np.ndarray, errors: np.ndarray) -> float:
    """Exact probability that a decoder's class is wrong, for error probabilities (1024,)."""
    return 1 - float(class_probabilities(errors)[np.arange(SYNDROMES), table].sum())


def weight_counts(table: np.ndarray) -> np.ndarray:
    """Number of errors of each weight 0 … 5 on which a decoder fails, (6,)."""
    fails = table[_SYNDROME] != _CLASS
    return np.bincount(_COUNTS.sum(1)[fails], minlength=6)


def lookup_polynomial(p: float | np.ndarray) -> np.ndarray:
    r"""The lookup decoder's logical error rate under depolarising noise, in closed form.

    .. math:: p_L = 10 p^2 - \tfrac{200}{9} p^3 + \tfrac{160}{9} p^4 - \tfrac{128}{27} p^5 .
    """
    p = np.asarray(p, float)
    return 10 * p**2 - 200 / 9 * p**3 + 160 / 9 * p**4 - 128 / 27 * p**5


def sample(
    rng: np.random.Generator, errors: np.ndarray, shots: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw errors; return their syndromes and classes, each (shots,)."""
    drawn = rng.choice(len(errors), size=shots, p=errors / errors.sum())
    return _SYNDROME[drawn], _CLASS[drawn]


def count_failures(paulis: np.ndarray, table: np.ndarray) -> int:
    """On how many errors, given as (shots, 5) of 0 … 3 for I, X, Y, Z, a decoder's class is wrong."""
    index = paulis @ (4 ** np.arange(4, -1, -1))
    return int(np.sum(table[_SYNDROME[index]] != _CLASS[index]))
