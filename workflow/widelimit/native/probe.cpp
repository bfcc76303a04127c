// Whether a compiler has vectors and a set of instructions, before all the rest is compiled for it.

#include "vectors.hpp"

float probe(const float* x) { return root<float>(load(x))[0]; }
