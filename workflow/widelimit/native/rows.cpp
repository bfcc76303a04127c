// A program on all entries, piece by piece: a piece passes all steps while it is in a cache.
// Compiled once for each set of instructions; it includes nothing whose functions could be shared between them.

#include "duals.hpp"

#ifndef VARIANT
#define VARIANT baseline
#endif

namespace {

constexpr int PIECE = 256;  // columns
constexpr int GROUP = 16;   // rows: a mirrored piece is written in lines of the cache

template <class T> struct Piece {
  alignas(64) T delta[GROUP][PIECE], ntk[GROUP][PIECE];
};

// Something that is known of samples: of the one of a row, and of those of columns.
template <class T> struct Known {
  T one;
  const T* others;
  T first(int) const { return one; }
  Vector<T> second(int v) const { return load(others + v * Lanes<T>::count); }
};

// Entries of one sample with others, next to each other.
template <class T> struct Row {
  using V = Vector<T>;
  int count;
  V *deltas, *ntk;
  V delta(int v) const { return deltas[v]; }
  void put(int v, V delta, V slopes) const {
    deltas[v] = delta;
    ntk[v] *= slopes;
  }
};

// A layer with weights: a and b are the shares of weights and biases, and r the standard deviation behind it.
template <class T> void dense(Row<T> row, Known<T> a, Known<T> b, Known<T> r, T square, T own) {
  for (int v = 0; v < row.count; v++) {
    // Half of squares of differences of shares (see `term`).
    Vector<T> apart = (T)0.5 * (square_apart<T>(a.one, a.second(v)) + square_apart<T>(b.one, b.second(v)));
    Vector<T> delta = clipped<T>(apart + a.one * a.second(v) * row.deltas[v]);
    row.deltas[v] = delta;
    row.ntk[v] = own * (r.one * r.second(v)) * ((T)1 - delta) + square * row.ntk[v];
  }
}

template <class T>
void step(const Step& s, Row<T> row, const Tables<T>& tables, const RowsTask<T>& task, int64_t i, int64_t j) {
  auto known = [&](int k) { return Known<T>{*task.known1.at(s.known + k, i), task.known2.at(s.known + k, j)}; };
  if (s.kind == DENSE) return dense<T>(row, known(0), known(1), known(2), s.a, s.c);
  activate<T>(s, row, tables, known);
}

// One row of a piece, in whole vectors: what is behind its end is computed and dropped.
// Returns NaN if something is not finite.
template <class T>
Vector<T> compute(const RowsTask<T>& task, const Tables<T>& tables, T* delta, T* ntk, int64_t i, int64_t j, int count) {
  using V = Vector<T>;
  constexpr int lanes = Lanes<T>::count;
  const Row<T> row{(count + lanes - 1) / lanes, (V*)delta, (V*)ntk};
  for (int v = 0; v < row.count; v++) {
    row.deltas[v] = load(task.delta.at(i, j + v * lanes));
    row.ntk[v] = task.ntk.data ? load(task.ntk.at(i, j + v * lanes)) : V{};
  }
  for (int s = 0; s < task.steps; s++) step<T>(task.program[s], row, tables, task, i, j);
  const Known<T> root{*task.known1.at(task.root, i), task.known2.at(task.root, j)};
  V nothing{};
  for (int v = 0; v < row.count; v++) {
    V nngp = root.one * root.second(v) * ((T)1 - row.deltas[v]);
    row.deltas[v] = nngp;
    nothing += nngp - nngp;
    if (task.theta.data) nothing += row.ntk[v] - row.ntk[v];
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

template <class T> bool run(const RowsTask<T>& task) {
  const Tables<T> tables{task.tables};
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
bool rows(const RowsTask<float>& task) { return run(task); }
bool rows(const RowsTask<double>& task) { return run(task); }
}  // namespace VARIANT
