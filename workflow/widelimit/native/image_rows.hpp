// Rows of pairs of positions next to each other, in second moments: what convolutions and activations make of them.
#pragma once

#include "duals.hpp"

namespace {

// Something that is known of images at positions next to each other: of one image, or of one in each lane if images
// come in pairs; and of the others.
template <class T, bool paired> struct Known {
  const T *one, *others;
  auto first(int v) const {
    if constexpr (paired)
      return load(one + v * Lanes<T>::count);
    else
      return one[v];
  }
  Vector<T> second(int v) const { return load(others + v * Lanes<T>::count); }
  Known next(int64_t plane) const {
    return {one + plane * (paired ? Lanes<T>::count : 1), others + plane * Lanes<T>::count};
  }
};

// Second moments and tangent kernel at positions next to each other, with one over the standard deviations in front of
// an activation, and those behind it.
template <class T, bool paired> struct Row {
  using V = Vector<T>;
  int count;
  V *k, *ntk;
  int64_t plane;  // numbers from what is known first to what is known next
  Known<T, paired> inverse, behind;
  Known<T, paired> more(int i) const { return inverse.next((i + 2) * plane); }
  V delta(int v) const {
    V delta = (T)1 - k[v] * (inverse.first(v) * inverse.second(v));
    return delta < rounding<T> ? V{} : clipped<T>(delta);
  }
  void put(int v, V delta, V slopes) const {
    k[v] = (behind.first(v) * behind.second(v)) * ((T)1 - delta);
    ntk[v] *= slopes;
  }
};

// Second moment and tangent kernel at one pair of positions.
template <class T> struct Entry {
  Vector<T> k, ntk;
};

// Entries where they are.
template <class T> struct Held {
  const Vector<T>*k, *ntk;
  Entry<T> operator()(int v) const { return {k[v], ntk[v]}; }
};

// Entries behind a convolution, from the sums over the rows of its windows.
template <class T, int cells> struct Windows {
  const Vector<T>*k, *ntk;
  int width;
  T square, biases, trained;
  Windows from(int start) const { return {k + start, ntk + start, width, square, biases, trained}; }
  Entry<T> operator()(int v) const {
    Vector<T> a = k[v], b = ntk[v];
    const int w = cells ? cells : width;
    for (int c = 1; c < w; c++) a += k[v + c], b += ntk[v + c];
    a = square * a + biases;
    return {a, trained * a + square * b};
  }
};

// z ↦ a min(z, 0) + b max(z, 0), by the correlation itself: windows add second moments, so that there is no more to
// lose.
template <bool bent_only, class T, bool paired, class From>
void bend(Row<T, paired> row, From from, const Tables<T>& tables, T a, T b) {
  using V = Vector<T>;
  const T gain = (a * a + b * b) / 2, bent = gain ? (b - a) * (b - a) / 2 / gain : 0;
  const T slope = a * b, step = (b - a) * (b - a) / 2;
  for (int v = 0; v < row.count; v++) {
    const Entry<T> entry = from(v);
    V c = entry.k * (row.inverse.first(v) * row.inverse.second(v)), u = (T)1 - magnitude<T>(c);
    // What is one but for rounding is one, or the rounding of each layer would add to that of the next.
    u = u < rounding<T> ? V{} : u;
    V s = root_or_zero<T>(u), share = s * tables.angle(u), rest = u * s * tables.remainder(u);
    auto above = c > (T)0;
    V curve = (above ? (T)1 - u : V{}) + rest;
    if (!bent_only) curve = (1 - bent) * (above ? (T)1 - u : u - (T)1) + bent * curve;
    row.k[v] = (row.behind.first(v) * row.behind.second(v)) * curve;
    row.ntk[v] = entry.ntk * (slope + step * (above ? (T)1 - share : share));
  }
}

template <class T, bool paired, class From>
void rectify(Row<T, paired> row, From from, const Tables<T>& tables, T a, T b) {
  a == 0 || b == 0 ? bend<true>(row, from, tables, a, b) : bend<false>(row, from, tables, a, b);
}

}  // namespace
