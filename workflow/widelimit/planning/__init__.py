"""What a kernel would cost, before anyone pays for it."""

from widelimit.planning.costs import Costs, costs
from widelimit.planning.device import Device, Speed, device, key, measure

__all__ = ["Costs", "Device", "Speed", "costs", "device", "key", "measure"]
