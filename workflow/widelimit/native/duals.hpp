// Duals of activations on a row of entries, in one minus the correlation (see networks/activations).
//
// A row has `count` vectors of entries: `delta(v)` is one minus the correlation in front, and `put(v, delta, slopes)`
// what stands behind, where the tangent kernel is multiplied by `slopes`. What is known of samples is a `Known` of the
// row: `first(v)` of the one side, a number or a vector, and `second(v)` of the other.
#pragma once

#include "powers.hpp"
#include "program.hpp"
#include "vectors.hpp"

namespace {

// Functions on [0, 1], as polynomials.
template <class T> struct Tables {
  using V = Vector<T>;
  static constexpr bool single = sizeof(T) == 4;
  static constexpr int columns = 20;
  static constexpr int terms[] = {single ? 8 : 19, single ? 7 : 18, single ? 9 : 20, single ? 6 : 11, single ? 6 : 11};
  const T* coefficients;  // a row for each, with zeros in front
  template <int row> V at(V u) const {
    return polynomial<T, terms[row]>(coefficients + (row + 1) * columns - terms[row], u);
  }
  V angle(V u) const { return at<0>(u); }       // θ/(π √u), with u = 1 - cos θ
  V remainder(V u) const { return at<1>(u); }   // (sin θ - θ cos θ)/(π u √u)
  V arctangent(V w) const { return at<2>(w); }  // arctan(√w)/√w
  V sine(V w) const { return at<3>(w); }        // (h - sin h)/h³, with h = π √w
  V cosine(V w) const { return at<4>(w); }      // (1 - cos h)/h²
};

template <class T> constexpr T pi = (T)3.14159265358979323846;

// What a few sums and products may be off by (see `rounding`).
template <class T> constexpr T rounding = 16 * Lanes<T>::epsilon;

// One minus a correlation, which rounding may have taken out of [0, 2], or away from 2.
template <class T> inline Vector<T> clipped(Vector<T> delta) {
  using V = Vector<T>;
  return delta > 2 - rounding<T> ? V{} + (T)2 : larger(delta, V{});
}

// The square of a difference, but for rounding (see `apart` in networks/rounding.py).
template <class T, class First> inline Vector<T> square_apart(First one, Vector<T> other) {
  Vector<T> gap = one - other;
  return magnitude<T>(gap) > rounding<T> * one ? gap * gap : Vector<T>{};
}

// z ↦ a min(z, 0) + b max(z, 0).
template <class T, class Row> void piecewise_linear(Row row, const Tables<T>& tables, T a, T b) {
  using V = Vector<T>;
  const T gain = (a * a + b * b) / 2, step = (b - a) * (b - a) / 2, slope = a * b;
  const T linear = gain ? slope / gain : 1, bent = gain ? step / gain : 0;
  for (int v = 0; v < row.count; v++) {
    V d = row.delta(v), u = smaller(d, (T)2 - d), s = root<T>(u);
    V share = s * tables.angle(u), rest = u * s * tables.remainder(u);
    auto near = d <= (T)1;
    V behind = linear * d + bent * (near ? d - rest : (T)1 - rest);
    row.put(v, clipped<T>(behind), slope + step * (near ? (T)1 - share : share));
  }
}

// Signs (and steps, with half of it): no slope almost everywhere.
template <class T, class Row> void sign(Row row, const Tables<T>& tables, T height) {
  using V = Vector<T>;
  for (int v = 0; v < row.count; v++) {
    V d = row.delta(v), u = smaller(d, (T)2 - d);
    V share = root<T>(u) * tables.angle(u);
    row.put(v, height * (d <= (T)1 ? share : (T)1 - share), V{});
  }
}

// The angle of (x, y) for y ≥ 0.
template <class T> inline Vector<T> angle(Vector<T> y, Vector<T> x, const Tables<T>& tables) {
  using V = Vector<T>;
  V width = larger(x, -x), longer = larger(y, width);
  V t = ratio<T>(smaller(y, width), longer > Lanes<T>::least ? longer : V{} + (T)1);
  V small = t * tables.arctangent(t * t), acute = y > width ? pi<T> / 2 - small : small;
  return x < (T)0 ? pi<T> - acute : acute;
}

// One minus the correlation that variances leave at one, F(1)/√(q₁'q₂') (see `dual_from_fall`).
template <class T, class Known> struct Spread {
  Known root, inverse, turn, reach;  // √q, 1/√q', and w/√q' with its reach
  Vector<T> operator()(int v, Vector<T> scale, Vector<T> at_one) const {
    using V = Vector<T>;
    V apart = square_apart<T>(root.first(v), root.second(v));
    V near = apart * (turn.first(v) * turn.second(v)), far = larger((T)1 - scale * at_one, V{});
    return apart <= reach.first(v) * reach.second(v) ? near : far;
  }
  // What is behind the activation; one for a sample that is zero behind it.
  Vector<T> delta(int v, Vector<T> at_one, Vector<T> fall) const {
    Vector<T> scale = inverse.first(v) * inverse.second(v);
    return scale > (T)0 ? clipped<T>((*this)(v, scale, at_one) + scale * fall) : Vector<T>{} + (T)1;
  }
};

// The angles of `arcsine`: of m/g and k/g.
template <class T, class Known> struct Arcsine {
  Known cosine, below;  // √(q/s), a/s
  struct Terms {
    Vector<T> cos_m, cos_k, sum, arcsine_m, fall, sine, over_sin_m, over_sin_k;
  };
  Terms operator()(int v, Vector<T> d, const Tables<T>& tables) const {
    using V = Vector<T>;
    V cos_m = cosine.first(v) * cosine.second(v), cos_k = cos_m * ((T)1 - d);
    V square = below.first(v) + below.second(v) - below.first(v) * below.second(v);
    V risen = cos_m * cos_m * d * ((T)2 - d);
    const Roots<T> m(square), k(square + risen);
    // sin(κ - μ) is risen/bottom for k > 0, and an angle is the same in any units.
    V bottom = cos_m * k.root + cos_k * m.root, rest = m.root * k.root + cos_m * cos_k;
    auto rises = cos_k > (T)0;
    V fall = angle<T>(rises ? risen : cos_m * k.root - cos_k * m.root, rises ? rest * bottom : rest, tables);
    return {cos_m, cos_k, m.root + k.root, angle<T>(cos_m, m.root, tables), fall, k.root, m.inverse, k.inverse};
  }
};

// a erf(b z); ``scale`` is 2a²/π, and ``slope`` holds b/√s of each sample.
template <class T, class Row, class Known>
void erf(Row row, const Tables<T>& tables, Arcsine<T, Known> arcsine, Spread<T, Known> spread, Known slope, T scale) {
  for (int v = 0; v < row.count; v++) {
    auto terms = arcsine(v, row.delta(v), tables);
    Vector<T> slopes = scale * (slope.first(v) * slope.second(v)) * terms.over_sin_k;
    row.put(v, spread.delta(v, scale * terms.arcsine_m, scale * terms.fall), slopes);
  }
}

// z Φ(z); ``width`` holds √(1 + q) of each sample, and ``over`` one over it.
template <class T, class Row, class Known> void gelu(Row row, const Tables<T>& tables, Arcsine<T, Known> arcsine,
                                                     Spread<T, Known> spread, Known width, Known over) {
  using V = Vector<T>;
  const T part = 1 / (2 * pi<T>);
  for (int v = 0; v < row.count; v++) {
    V d = row.delta(v);
    auto [cos_m, cos_k, sum, arcsine_m, h, sin_k, over_sin_m, over_sin_k] = arcsine(v, d, tables);
    V g = width.first(v) * width.second(v), over_g = over.first(v) * over.second(v);
    V gamma = arcsine.below.first(v) + arcsine.below.second(v), tilt = over_g * over_sin_k;
    V at_one = g * cos_m * ((T)0.25 + part * (arcsine_m + gamma * cos_m * over_sin_m));
    V w = h * h * (1 / (pi<T> * pi<T>));
    V bent = h * h * (cos_k * h * tables.sine(w) - sin_k * tables.cosine(w));
    V rise = ratio<T>(cos_m * cos_m * d * ((T)2 - d), sum), straight = cos_m * d * (pi<T> / 2 + arcsine_m);
    V fall = part * g * (straight + bent + rise * (over_g * over_sin_m * tilt + gamma));
    V slopes = (T)0.25 + part * (arcsine_m - h + cos_k * over_sin_k * (gamma + tilt * tilt));
    row.put(v, spread.delta(v, at_one, fall), slopes);
  }
}

// A e^(b z), and what else has one minus a correlation 1 - e^(-(s₁ - s₂)² - t₁ t₂ δ), and slopes g₁ g₂ times that
// power.
template <class T, class Row, class Known> void exponential(Row row, Known s, Known t, Known g) {
  for (int v = 0; v < row.count; v++) {
    const Power<T> power(-square_apart<T>(s.first(v), s.second(v)) - t.first(v) * t.second(v) * row.delta(v));
    row.put(v, -power.less_one(), g.first(v) * g.second(v) * power.value());
  }
}

// a e^(-b z²): x is 2 b q of each sample, w is √(1 + 2x), ``over`` one over it, and g is 2 a b √q/w√w.
template <class T, class Row, class Known> void gaussian(Row row, Known x, Known w, Known over, Known g) {
  using V = Vector<T>;
  for (int v = 0; v < row.count; v++) {
    V d = row.delta(v), apart = square_apart<T>(x.first(v), x.second(v));
    V spread = ratio<T>(apart, (T)1 + x.first(v) + x.second(v) + w.first(v) * w.second(v));
    V excess = (over.first(v) * over.second(v)) * (spread + x.first(v) * x.second(v) * d * ((T)2 - d));
    const Roots<T> root((T)1 + excess);
    V slopes = g.first(v) * g.second(v) * ((T)1 - d) * (root.inverse * root.inverse * root.inverse);
    row.put(v, ratio<T>(excess * root.inverse, (T)1 + root.root), slopes);
  }
}

// a sin(b z + p); ``half`` is a²/2, and ``offset`` 1 - cos 2p.
template <class T, class Row, class Known> void wave(Row row, Spread<T, Known> spread, T half, T b, T offset) {
  using V = Vector<T>;
  const T mirror = 1 - offset, square = b * b / 2;
  for (int v = 0; v < row.count; v++) {
    auto r1 = spread.root.first(v);
    V r2 = spread.root.second(v), gap = square * square_apart<T>(r1, r2), sum = square * (r1 + r2) * (r1 + r2);
    V dropped = 2 * square * r1 * r2 * row.delta(v);
    const Power<T> minus(-gap), plus(-sum), drop(-dropped), little(smaller(dropped, V{} + (T)1)), risen(dropped - sum);
    V rise = dropped < (T)1 ? plus.value() * little.less_one() : risen.value() - plus.value();
    V at_one = half * (offset + minus.less_one() - mirror * plus.less_one());
    V fall = half * (mirror * rise - minus.value() * drop.less_one());
    V slopes = 2 * square * half * (minus.value() * drop.value() + mirror * risen.value());
    row.put(v, spread.delta(v, at_one, fall), slopes);
  }
}

// A polynomial of degree ``top``: known(0) to known(top) are its coefficients for Hermite polynomials, of norm one, and
// known(top + 1) and so on those of its derivative (see `series_dual`).
template <class T, class Row, class Find> void hermite(Row row, int top, Find known) {
  using V = Vector<T>;
  for (int v = 0; v < row.count; v++) {
    V d = row.delta(v), c = (T)1 - d, beyond{}, powers{}, distance{}, slopes{};
    for (int k = top; k >= 0; k--) {
      const auto one = known(k);
      V gap = one.first(v) - one.second(v);
      distance += gap * gap;
      if (k == 0) break;
      const auto slope = known(top + k);
      beyond += one.first(v) * one.second(v);
      powers = powers * c + beyond;
      slopes = slopes * c + slope.first(v) * slope.second(v);
    }
    row.put(v, clipped<T>((T)0.5 * distance + d * powers), slopes);
  }
}

// An activation; ``known(i)`` is what is known of samples for its i-th array (see steps.py).
template <class T, class Row, class Find>
void activate(const Step& step, Row row, const Tables<T>& tables, Find known) {
  const T a = (T)step.a, b = (T)step.b, c = (T)step.c;
  using Known = decltype(known(0));
  auto spread = [&] { return Spread<T, Known>{known(0), known(1), known(2), known(3)}; };
  auto arcsine = [&] { return Arcsine<T, Known>{known(4), known(5)}; };
  switch (step.kind) {
    case PIECEWISE:
      return piecewise_linear<T>(row, tables, a, b);
    case SIGN:
      return sign<T>(row, tables, a);
    case ERF:
      return erf<T>(row, tables, arcsine(), spread(), known(6), a);
    case GELU:
      return gelu<T>(row, tables, arcsine(), spread(), known(6), known(7));
    case EXPONENTIAL:
      return exponential<T>(row, known(0), known(1), known(2));
    case GAUSSIAN:
      return gaussian<T>(row, known(0), known(1), known(2), known(3));
    case WAVE:
      return wave<T>(row, spread(), a, b, c);
    case HERMITE:
      return hermite<T>(row, (int)step.a, known);
  }
}

}  // namespace
