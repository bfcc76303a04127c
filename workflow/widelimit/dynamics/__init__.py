"""Training: the closed form of the infinite-width limit, and real networks."""

from widelimit.dynamics.kernel_flow import KernelFlow, Prediction
from widelimit.dynamics.minimise import Descent, minimise
from widelimit.dynamics.network_flow import Trajectory, network_flow

__all__ = ["Descent", "KernelFlow", "Prediction", "Trajectory", "minimise", "network_flow"]
