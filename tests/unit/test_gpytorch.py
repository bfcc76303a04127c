import math

import numpy as np
import pytest

gpytorch = pytest.importorskip("gpytorch", reason="GPyTorch is optional and not installed")

import torch  # noqa: E402

from widelimit import kernels  # noqa: E402
from widelimit.gpytorch import NNGPKernel, NTKKernel  # noqa: E402
from widelimit.networks import Conv, Dense, Flatten, Relu, Serial, Tanh, mlp  # noqa: E402

NET = mlp("erf", 2, w_std=1.3, b_std=0.2)
KINDS = {"nngp": NNGPKernel, "ntk": NTKKernel}


@pytest.fixture(autouse=True)
def double_tensors():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.fixture
def x(rng):
    x = torch.tensor(rng.standard_normal((5, 3)))
    x[4] = x[3]
    return x


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_those_of_the_library(x, kind):
    kernel = KINDS[kind](NET)
    expected = getattr(kernels.compute(NET, x.numpy(), x[:2].numpy()), kind)
    np.testing.assert_allclose(kernel(x, x[:2]).to_dense().detach(), expected, rtol=1e-12)
    diagonal = getattr(kernels.compute(NET, x.numpy()), kind).diagonal()
    np.testing.assert_allclose(kernel(x, diag=True).detach(), diagonal, rtol=1e-12)


@pytest.mark.parametrize("net", [NET, mlp("relu", 3, w_std=1.2, b_std=0.1)], ids=["erf", "relu"])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(x, net, kind):
    kernel = KINDS[kind](net)
    x1, x2 = x[:3].clone().requires_grad_(), x[3:4].clone().requires_grad_()
    # gradcheck moves its arguments in place, and the parameters are the kernel's own.
    assert torch.autograd.gradcheck(
        lambda x1, x2, *_: kernel.forward(x1, x2), (x1, x2, *kernel.parameters()), atol=1e-6
    )


def test_gradients_at_identical_inputs_are_finite(x):
    kernel, x = NTKKernel(mlp("relu", 3, w_std=1.2)), x.requires_grad_()
    kernel(x).to_dense().sum().backward()
    assert torch.isfinite(x.grad).all()
    assert all(torch.isfinite(p.grad) for p in kernel.parameters())


def test_batches_are_computed_one_by_one(x):
    kernel = NNGPKernel(NET)
    both = torch.stack([x, 2 * x])
    found = kernel(both).to_dense()
    np.testing.assert_allclose(found[1].detach(), kernel(2 * x).to_dense().detach(), rtol=1e-12)
    np.testing.assert_allclose(
        kernel(both, diag=True).detach(), found.diagonal(dim1=1, dim2=2).detach(), rtol=1e-12
    )


def test_the_precision_is_that_of_the_inputs(x):
    assert NNGPKernel(NET)(x.float()).to_dense().dtype == torch.float32


def test_zero_and_missing_hyper_parameters_are_not_fitted():
    kernel = NTKKernel(Serial(Dense(4, 1.5), Relu(), Dense(1, 1.0, 0.0)))
    assert set(kernel.hyper) == {"0__w_std", "2__w_std"}
    assert kernel.hyper["0__w_std"].item() == pytest.approx(1.5)


def test_the_constraint_may_be_a_logarithm():
    log = gpytorch.constraints.Positive(transform=torch.exp, inv_transform=torch.log)
    kernel = NTKKernel(mlp("relu", 1, w_std=1.5), log)
    assert kernel.raw_net__0__w_std.item() == pytest.approx(math.log(1.5))


def test_rows_become_images(rng):
    net = Serial(Conv(8, (3,)), Relu(), Flatten(), Dense(1))
    x = rng.standard_normal((3, 8))
    found = NTKKernel(net, input_shape=(4, 2))(torch.tensor(x)).to_dense().detach()
    np.testing.assert_allclose(found, kernels.compute(net, x.reshape(3, 4, 2)).ntk, rtol=1e-12)
    with pytest.raises(ValueError, match="8 numbers each.*asks for 9"):
        NTKKernel(net, input_shape=(9, 1))(torch.tensor(x)).to_dense()


def test_a_series_that_is_cut_too_early_is_refused(x):
    net = Serial(Dense(8, 3.0), Tanh(order=4), Dense(1))
    with pytest.raises(ValueError, match="leave its `order` out"):
        NNGPKernel(net)(x).to_dense()


class Model(gpytorch.models.ExactGP):
    def __init__(self, x, y, likelihood):
        super().__init__(x, y, likelihood)
        self.mean_module = gpytorch.means.ZeroMean()
        self.covar_module = NNGPKernel(NET)

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))


def test_an_exact_gaussian_process_is_fitted_and_predicts(rng):
    x = torch.tensor(rng.standard_normal((30, 2)))
    y = torch.sin(2 * x[:, 0])
    likelihood = gpytorch.likelihoods.GaussianLikelihood()
    model = Model(x[:20], y[:20], likelihood)
    objective = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    descent = torch.optim.Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(40):
        descent.zero_grad()
        loss = -objective(model(x[:20]), y[:20])
        loss.backward()
        descent.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.3
    model.eval()
    with torch.no_grad():
        found = model(x[20:])
    # The posterior by the textbook formula, from the library's own kernels.
    net, noise = model.covar_module.net, likelihood.noise.item()
    k = kernels.compute(net, x[:20].numpy()).nngp + noise * np.eye(20)
    cross = kernels.compute(net, x[20:].numpy(), x[:20].numpy()).nngp
    np.testing.assert_allclose(found.mean, cross @ np.linalg.solve(k, y[:20].numpy()), rtol=1e-6)
    prior = kernels.compute(net, x[20:].numpy()).nngp.diagonal()
    variance = prior - np.einsum("ij,ji->i", cross, np.linalg.solve(k, cross.T))
    np.testing.assert_allclose(found.variance, variance, rtol=1e-4, atol=1e-7)
