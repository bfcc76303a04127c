"""Physics-informed networks and finite elements as labelled arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from widelimit.statistics import student
from widelimit.store import array
from widelimit.studies.pinn.finite_elements import solve_by_elements
from widelimit.studies.pinn.problems import PROBLEMS
from widelimit.studies.pinn.training import train

__all__ = ["elements_study", "pinn_study"]


def pinn_study(problem: str, activation: str, **options: Any) -> xr.Dataset:
    """Train networks on a problem; ``options`` are those of `training.train`."""
    setting = PROBLEMS[problem]
    result = train(setting, activation, **options)
    error = student(np.log(result.error))
    return xr.Dataset(
        {
            "loss": array(
                result.loss, ("step", "network"), "loss, mean over the steps since the last"
            ),
            "residual": array(
                result.residual, "network", "interior residual ∫|A u - f|² at the end"
            ),
            "residual_start": array(result.start, "network", "the same at initialisation"),
            "floor": array(setting.force_norm(), (), "residual ∫|f|² of a field without curvature"),
            "error": array(result.error, "network", "relative L² error against the exact field"),
            "error_mean": array(np.exp(error.estimate), (), "geometric mean of the error"),
            "error_interval": array(
                np.exp(error.interval()), "bound", "95 % interval of that mean"
            ),
            "field": array(
                result.field, ("point", "component"), "displacement of the first network", "length"
            ),
            "position": array(
                result.points, ("point", "axis"), "position in the unit cube", "length"
            ),
        },
        {
            "step": array(result.steps, "step", "optimiser steps"),
            "network": array(np.arange(result.loss.shape[1]), "network", "number of the network"),
            "point": array(np.arange(len(result.points)), "point", "number of the point"),
            "component": array(
                np.arange(result.field.shape[1]), "component", "displacement component"
            ),
            "axis": array(np.arange(setting.dimension), "axis", "coordinate"),
            "bound": array(["low", "high"], "bound", "end of the interval"),
        },
        {"problem": problem, "activation": activation},
    )


def elements_study(problem: str, cells: Sequence[int]) -> xr.Dataset:
    """Finite-element solutions on meshes of ``cells`` per side, linear and quadratic."""
    setting = PROBLEMS[problem]
    results = [[solve_by_elements(setting, c, order) for c in cells] for order in (1, 2)]
    dims = ("order", "cells")
    return xr.Dataset(
        {
            "error": array([[r.error for r in row] for row in results], dims, "relative L² error"),
            "unknowns": array(
                [[r.unknowns for r in row] for row in results], dims, "unknown coefficients"
            ),
        },
        {
            "order": array([1, 2], "order", "polynomial order of the elements"),
            "cells": array(list(cells), "cells", "cells per side"),
        },
    )
