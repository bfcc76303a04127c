"""What the theory predicts of kernels, and the measurements that it is compared with."""
