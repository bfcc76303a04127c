// A program on all entries, piece by piece: a piece passes all steps while it is in a cache.
// Compiled once for each set of instructions; it includes nothing whose functions could be shared between them.

#include "duals.hpp"
#include "program.hpp"

#ifndef VARIANT
#define VARIANT baseline
#endif

namespace {

constexpr int PIECE = 256;  // columns
constexpr int GROUP = 16;   // rows: a mirrored piece is written in lines of the cache

template <class T> struct Piece {
  alignas(64) T delta[GROUP][PIECE], ntk[GROUP][PIECE];
};

template <class T>
void step(const Step& s, Row<T> row, const Tables<T>& tables, const Task<T>& task, int64_t i, int64_t j) {
  auto known = [&](int k) { return Known<T>{*task.known1.at(s.known + k, i), task.known2.at(s.known + k, j)}; };
  auto spread = [&] { return Spread<T>{known(0), known(1), known(2), known(3)}; };
  auto arcsine = [&] { return Arcsine<T>{known(4), known(5)}; };
  switch (s.kind) {
    case DENSE:
      return dense<T>(row, known(0), known(1), known(2), s.a, s.b);
    case PIECEWISE:
      return piecewise_linear<T>(row, tables, s.a, s.b);
    case SIGN:
      return sign<T>(row, tables, s.a);
    case ERF:
      return erf<T>(row, tables, arcsine(), spread(), known(6), s.a);
    case GELU:
      return gelu<T>(row, tables, arcsine(), spread(), known(6), known(7));
  }
}

// One row of a piece, in whole vectors: what is behind its end is computed and dropped. Returns NaN if something is not
// finite.
template <class T>
Vector<T> compute(const Task<T>& task, const Tables<T>& tables, T* delta, T* ntk, int64_t i, int64_t j, int count) {
  using V = Vector<T>;
  constexpr int lanes = Lanes<T>::count;
  for (int k = 0; k < count; k += lanes) {
    store<T>(delta + k, load(task.delta.at(i, j + k)));
    store<T>(ntk + k, task.ntk.data ? load(task.ntk.at(i, j + k)) : V{});
  }
  for (int s = 0; s < task.steps; s++) step<T>(task.program[s], {count, delta, ntk}, tables, task, i, j);
  const Known<T> root{*task.known1.at(task.root, i), task.known2.at(task.root, j)};
  V nothing{};
  for (int k = 0; k < count; k += lanes) {
    V nngp = root.one * root.at(k) * ((T)1 - load(delta + k));
    store<T>(delta + k, nngp);
    nothing += nngp - nngp;
    if (task.theta.data) nothing += load(ntk + k) - load(ntk + k);
  }
  return nothing;
}

template <class T> void write(const T (*piece)[PIECE], Matrix<T> to, int64_t i, int64_t j, int rows, int columns) {
  for (int r = 0; r < rows && to.data; r++)
    for (int c = 0; c < columns; c++) *to.at(i + r, j + c) = piece[r][c];
}

// The transpose; on a triangle only what lies above the diagonal.
template <class T>
void mirror(const T (*piece)[PIECE], Matrix<T> to, int64_t i, int64_t j, int rows, int columns, bool triangle) {
  if (!to.data) return;
  for (int c = 0; c < columns; c++) {
    const int above = triangle && j + c < i + rows ? (int)(j + c - i) : rows;
    for (int r = 0; r < above; r++) *to.at(j + c, i + r) = piece[r][c];
  }
}

template <class T> bool run(const Task<T>& task) {
  constexpr int terms = Lanes<T>::coefficients;
  const T* t = task.tables;
  const Tables<T> tables{t, t + terms, t + 2 * terms, t + 3 * terms, t + 4 * terms};
  Piece<T> piece;
  Vector<T> nothing{};
  for (int64_t i = 0; i < task.rows; i += GROUP) {
    const int rows = task.rows - i < GROUP ? task.rows - i : GROUP;
    for (int64_t j = task.triangle ? i : 0; j < task.columns; j += PIECE) {
      const int columns = task.columns - j < PIECE ? task.columns - j : PIECE;
      for (int r = 0; r < rows; r++)
        nothing += compute<T>(task, tables, piece.delta[r], piece.ntk[r], i + r, j, columns);
      write<T>(piece.delta, task.nngp, i, j, rows, columns);
      write<T>(piece.ntk, task.theta, i, j, rows, columns);
      mirror<T>(piece.delta, task.nngp_mirror, i, j, rows, columns, task.triangle);
      mirror<T>(piece.ntk, task.theta_mirror, i, j, rows, columns, task.triangle);
    }
  }
  T total = 0;
  for (int lane = 0; lane < Lanes<T>::count; lane++) total += nothing[lane];
  return total == 0;
}

}  // namespace

namespace VARIANT {
bool rows(const Task<float>& task) { return run(task); }
bool rows(const Task<double>& task) { return run(task); }
}  // namespace VARIANT
