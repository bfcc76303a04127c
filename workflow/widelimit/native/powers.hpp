// Powers of e, lane by lane.
#pragma once

#include "vectors.hpp"

namespace {

template <class T> struct Binary;

template <> struct Binary<float> {
  static constexpr int terms = 8, digits = 23, bias = 127;
  static constexpr float lowest = -87, log2 = 0.693359375f, log2_rest = -2.12194440e-4f;
};

template <> struct Binary<double> {
  static constexpr int terms = 14, digits = 52, bias = 1023;
  static constexpr double lowest = -708, log2 = 0.693145751953125, log2_rest = 1.42860682030941723212e-6;
};

// e^x = 2ⁿ (1 + r) for x ≤ 1, with |log(1 + r)| ≤ log(2)/2; what is nearly zero stays above it.
template <class T> struct Power {
  using V = Vector<T>;
  using Numbers = Binary<T>;
  V two, rest;

  explicit Power(V x) {
    using Integers = typename Lanes<T>::Integers;
    x = larger(x, V{} + Numbers::lowest);
    // Adding this number leaves no place for a fraction: the last digits are the nearest integer.
    const V shift = V{} + (T)1.5 * ((int64_t)1 << Numbers::digits), shifted = x * (T)1.44269504088896340736 + shift;
    const V n = shifted - shift, y = x - n * Numbers::log2 - n * Numbers::log2_rest;
    two = (V)(((Integers)shifted - (Integers)shift + Numbers::bias) << Numbers::digits);
    rest = V{} + over_factorial(Numbers::terms);
#pragma GCC unroll 16
    for (int k = Numbers::terms - 1; k > 0; k--) rest = rest * y + over_factorial(k);
    rest *= y;
  }
  V value() const { return two + two * rest; }
  V less_one() const { return two * rest + (two - (T)1); }

 private:
  static constexpr T over_factorial(int n) { return n < 2 ? (T)1 : over_factorial(n - 1) / n; }
};

}  // namespace
