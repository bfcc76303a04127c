// Duals of activations on a row of entries, in one minus the correlation (see networks/activations).
#pragma once

#include "vectors.hpp"

namespace {

// Polynomials on [0, 1].
template <class T> struct Tables {
  const T* angle;       // θ/√u, with u = 1 - cos θ
  const T* remainder;   // (sin θ - θ cos θ)/(u √u)
  const T* arctangent;  // arctan(√w)/√w
  const T* sine;        // (h - sin h)/h³, with h = π √w
  const T* cosine;      // (1 - cos h)/h²
};

// Entries of one sample with others, in a row: one minus the correlation, and the tangent kernel.
template <class T> struct Row {
  int count;
  T *delta, *ntk;
};

// Something that is known of each sample: of the one, and of the others.
template <class T> struct Known {
  T one;
  const T* others;
  Vector<T> at(int j) const { return load(others + j); }
};

template <class T> constexpr T pi = (T)3.14159265358979323846;

// What a few sums and products may be off by (see `rounding`).
template <class T> constexpr T rounding = 16 * Lanes<T>::epsilon;

// One minus a correlation, which rounding may have taken out of [0, 2], or away from 2.
template <class T> inline Vector<T> clipped(Vector<T> delta) {
  using V = Vector<T>;
  return delta > 2 - rounding<T> ? V{} + (T)2 : larger(delta, V{});
}

// z ↦ a min(z, 0) + b max(z, 0).
template <class T> void piecewise_linear(Row<T> row, const Tables<T>& tables, T a, T b) {
  using V = Vector<T>;
  const T gain = (a * a + b * b) / 2, step = (b - a) * (b - a) / 2, slope = a * b;
  const T linear = gain ? slope / gain : 1, bent = gain ? step / gain : 0;
  for (int j = 0; j < row.count; j += Lanes<T>::count) {
    V &delta = *(V*)(row.delta + j), &ntk = *(V*)(row.ntk + j), d = delta;
    V u = smaller(d, (T)2 - d), s = root<T>(u) * (1 / pi<T>);
    V share = s * polynomial<T>(tables.angle, u), rest = u * s * polynomial<T>(tables.remainder, u);
    auto near = d <= (T)1;
    delta = clipped<T>(linear * d + bent * (near ? d - rest : (T)1 - rest));
    ntk *= slope + step * (near ? (T)1 - share : share);
  }
}

// Signs (and steps, with half of it): no slope almost everywhere.
template <class T> void sign(Row<T> row, const Tables<T>& tables, T height) {
  using V = Vector<T>;
  for (int j = 0; j < row.count; j += Lanes<T>::count) {
    V &delta = *(V*)(row.delta + j), &ntk = *(V*)(row.ntk + j), d = delta;
    V u = smaller(d, (T)2 - d), share = root<T>(u) * polynomial<T>(tables.angle, u) * (1 / pi<T>);
    delta = height * (d <= (T)1 ? share : (T)1 - share);
    ntk = V{};
  }
}

// The angle of (x, y) for y ≥ 0.
template <class T> inline Vector<T> angle(Vector<T> y, Vector<T> x, const Tables<T>& tables) {
  using V = Vector<T>;
  V width = larger(x, -x), longer = larger(y, width);
  V t = ratio<T>(smaller(y, width), longer > Lanes<T>::least ? longer : V{} + (T)1);
  V small = t * polynomial<T>(tables.arctangent, t * t), acute = y > width ? pi<T> / 2 - small : small;
  return x < (T)0 ? pi<T> - acute : acute;
}

// One minus the correlation that variances leave at one, F(1)/√(q₁'q₂') (see `dual_from_fall`).
template <class T> struct Spread {
  Known<T> root, inverse, turn, reach;  // √q, 1/√q', and w/√q' with its reach
  Vector<T> norm(int j) const { return inverse.one * inverse.at(j); }
  Vector<T> operator()(int j, Vector<T> at_one) const {
    using V = Vector<T>;
    V apart = root.one - root.at(j);
    apart *= apart;
    V near = apart * (turn.one * turn.at(j)), far = larger((T)1 - norm(j) * at_one, V{});
    return apart < reach.one * reach.at(j) ? near : far;
  }
  // What is behind the activation; one for a sample that is zero behind it.
  Vector<T> delta(int j, Vector<T> at_one, Vector<T> fall) const {
    Vector<T> scale = norm(j);
    return scale > (T)0 ? clipped<T>((*this)(j, at_one) + scale * fall) : Vector<T>{} + (T)1;
  }
};

// The angles of `arcsine`: of m/g and k/g.
template <class T> struct Arcsine {
  Known<T> cosine, below;  // √(q/s), a/s
  struct Terms {
    Vector<T> cos_m, cos_k, sum, arcsine_m, fall, sine, over_sin_m, over_sin_k;
  };
  Terms operator()(int j, Vector<T> d, const Tables<T>& tables) const {
    using V = Vector<T>;
    V cos_m = cosine.one * cosine.at(j), cos_k = cos_m * ((T)1 - d);
    V square = below.one + below.at(j) - below.one * below.at(j), risen = cos_m * cos_m * d * ((T)2 - d);
    const Roots<T> m(square), k(square + risen);
    V bottom = cos_m * k.root + cos_k * m.root, cosine = m.root * k.root + cos_m * cos_k;
    auto rises = cos_k > (T)0;
    // sin(κ - μ) is risen/bottom for k > 0, and an angle is the same in any units.
    V fall = angle<T>(rises ? risen : cos_m * k.root - cos_k * m.root, rises ? cosine * bottom : cosine, tables);
    return {cos_m, cos_k, m.root + k.root, angle<T>(cos_m, m.root, tables), fall, k.root, m.inverse, k.inverse};
  }
};

// a erf(b z); ``scale`` is 2a²/π, and ``slope`` holds b/√s of each sample.
template <class T> void erf(Row<T> row, const Tables<T>& tables, const Arcsine<T>& arcsine, const Spread<T>& spread,
                            Known<T> slope, T scale) {
  using V = Vector<T>;
  for (int j = 0; j < row.count; j += Lanes<T>::count) {
    V &delta = *(V*)(row.delta + j), &ntk = *(V*)(row.ntk + j);
    auto terms = arcsine(j, delta, tables);
    delta = spread.delta(j, scale * terms.arcsine_m, scale * terms.fall);
    ntk *= scale * (slope.one * slope.at(j)) * terms.over_sin_k;
  }
}

// z Φ(z); ``width`` holds √(1 + q) of each sample, and ``over`` one over it.
template <class T> void gelu(Row<T> row, const Tables<T>& tables, const Arcsine<T>& arcsine, const Spread<T>& spread,
                             Known<T> width, Known<T> over) {
  using V = Vector<T>;
  const T part = 1 / (2 * pi<T>);
  for (int j = 0; j < row.count; j += Lanes<T>::count) {
    V &delta = *(V*)(row.delta + j), &ntk = *(V*)(row.ntk + j), d = delta;
    auto [cos_m, cos_k, sum, arcsine_m, h, sin_k, over_sin_m, over_sin_k] = arcsine(j, d, tables);
    V g = width.one * width.at(j), over_g = over.one * over.at(j), gamma = arcsine.below.one + arcsine.below.at(j);
    V at_one = g * cos_m * ((T)0.25 + part * (arcsine_m + gamma * cos_m * over_sin_m));
    V w = h * h * (1 / (pi<T> * pi<T>)), tilt = over_g * over_sin_k;
    V bent = h * h * (cos_k * h * polynomial<T>(tables.sine, w) - sin_k * polynomial<T>(tables.cosine, w));
    V rise = ratio<T>(cos_m * cos_m * d * ((T)2 - d), sum), straight = cos_m * d * (pi<T> / 2 + arcsine_m);
    V fall = part * g * (straight + bent + rise * (over_g * over_sin_m * tilt + gamma));
    delta = spread.delta(j, at_one, fall);
    ntk *= (T)0.25 + part * (arcsine_m - h + cos_k * over_sin_k * (gamma + tilt * tilt));
  }
}

// Half the square of the difference of two shares, but for rounding (see `term`).
template <class T> inline Vector<T> apart(Known<T> share, int j) {
  using V = Vector<T>;
  V gap = share.one - share.at(j), width = larger(gap, -gap);
  return width > rounding<T> * share.one ? gap * gap * (T)0.5 : V{};
}

// A layer with weights: a and b are the shares of weights and biases, and r the standard deviation behind it.
template <class T> void dense(Row<T> row, Known<T> a, Known<T> b, Known<T> r, T square, T own) {
  using V = Vector<T>;
  for (int j = 0; j < row.count; j += Lanes<T>::count) {
    V &delta = *(V*)(row.delta + j), &ntk = *(V*)(row.ntk + j);
    delta = clipped<T>(apart<T>(a, j) + apart<T>(b, j) + a.one * a.at(j) * delta);
    ntk = own * (r.one * r.at(j)) * ((T)1 - delta) + square * ntk;
  }
}

}  // namespace
