// Vectors of numbers, one for each sample, by the extensions that GCC and Clang share: no instruction set is named.
#pragma once

#include <cstdint>

// Bytes of a vector, as long as a register of the instructions that it is compiled for: longer ones would be taken
// apart, and comparisons of them number by number.
#ifndef VECTOR
#define VECTOR 64
#endif

namespace {

template <class T> struct Lanes;

template <> struct Lanes<float> {
  static constexpr int count = VECTOR / 4;
  static constexpr int steps = 2;                // of Newton's method for a quotient, before the last one
  static constexpr int root_steps = 1;           // of third order
  static constexpr int32_t digits = 0x7fffffff;  // all bits but the sign
  static constexpr int32_t guess_root = 0x5f375a86, guess_inverse = 0x7ef311c3;
  static constexpr float least = 1e-37f, epsilon = 1.1920929e-7f;
  typedef float Vector __attribute__((vector_size(VECTOR)));
  typedef int32_t Integers __attribute__((vector_size(VECTOR)));
};

template <> struct Lanes<double> {
  static constexpr int count = VECTOR / 8;
  static constexpr int steps = 3;
  static constexpr int root_steps = 2;
  static constexpr int64_t digits = 0x7fffffffffffffff;
  static constexpr int64_t guess_root = 0x5fe6eb50c7b537a9, guess_inverse = 0x7fde623822fc16e6;
  static constexpr double least = 1e-300, epsilon = 2.220446049250313e-16;
  typedef double Vector __attribute__((vector_size(VECTOR)));
  typedef int64_t Integers __attribute__((vector_size(VECTOR)));
};

template <class T> using Vector = typename Lanes<T>::Vector;

// The same in memory, anywhere.
template <class T> struct Stored {
  typedef T type __attribute__((vector_size(VECTOR), aligned(sizeof(T)), may_alias));
};

template <class T> inline Vector<T> load(const T* from) { return *(const typename Stored<T>::type*)from; }

template <class V> inline V larger(V a, V b) { return a > b ? a : b; }

template <class V> inline V smaller(V a, V b) { return a < b ? a : b; }

template <class T> inline Vector<T> magnitude(Vector<T> x) {
  return (Vector<T>)((typename Lanes<T>::Integers)x & Lanes<T>::digits);
}

// Divisions and square roots of the processor take longer than all the rest of a layer: these are by Newton's
// method from a guess at the bits, and right to two roundings.

// a/b for b > 0 that is neither subnormal nor near the largest number.
template <class T> inline Vector<T> ratio(Vector<T> a, Vector<T> b) {
  Vector<T> y = (Vector<T>)(Lanes<T>::guess_inverse - (typename Lanes<T>::Integers)b);
  for (int step = 0; step < Lanes<T>::steps; step++) y = y * ((T)2 - b * y);
  Vector<T> quotient = a * y;
  return quotient + y * (a - b * quotient);
}

// 1/√x to half of the digits; something finite at 0.
template <class T> inline Vector<T> roughly_over_root(Vector<T> x) {
  Vector<T> y = (Vector<T>)(Lanes<T>::guess_root - ((typename Lanes<T>::Integers)x >> 1));
  for (int step = 0; step < Lanes<T>::root_steps; step++) {
    Vector<T> h = x * y * y;
    y = y * ((T)1.875 - h * ((T)1.25 - (T)0.375 * h));
  }
  return y;
}

// √x from that, for x that is 0, or not nearly so.
template <class T> inline Vector<T> root_by(Vector<T> y, Vector<T> x) {
  Vector<T> s = x * y;
  return s + (T)0.5 * y * (x - s * s);
}

template <class T> inline Vector<T> root_or_zero(Vector<T> x) { return root_by<T>(roughly_over_root<T>(x), x); }

// √x and 1/√x; 0 and infinity for x that is 0 or nearly so.
template <class T> struct Roots {
  Vector<T> root, inverse;
  explicit Roots(Vector<T> x) {
    using V = Vector<T>;
    V y = roughly_over_root<T>(x), half = x * (T)0.5;
    auto normal = x > Lanes<T>::least;
    root = normal ? root_by<T>(y, x) : V{};
    inverse = normal ? y * ((T)1.5 - half * y * y) : V{} + (T)__builtin_inf();
  }
};

template <class T> inline Vector<T> root(Vector<T> x) { return Roots<T>(x).root; }

// A polynomial in 2u - 1 of as many terms, its highest power first (see `interpolation`).
template <class T, int terms> inline Vector<T> polynomial(const T* coefficients, Vector<T> u) {
  const Vector<T> t = (T)2 * u - (T)1;
  if constexpr (terms < 12) {
    Vector<T> value = Vector<T>{} + coefficients[0];
#pragma GCC unroll 32
    for (int i = 1; i < terms; i++) value = value * t + coefficients[i];
    return value;
  }
  // Even and odd powers apart: a long chain would wait for itself.
  const Vector<T> square = t * t;
  Vector<T> one = Vector<T>{} + coefficients[0], other = Vector<T>{} + coefficients[1];
#pragma GCC unroll 32
  for (int i = 2; i < terms; i++) {
    Vector<T>& part = i % 2 ? other : one;
    part = part * square + coefficients[i];
  }
  return terms % 2 ? other * t + one : one * t + other;
}

}  // namespace
