// What passes between Python and the rows: a program of steps, and arrays.
#pragma once

#include <cstdint>

struct Step {
  int32_t kind;   // one of `Kind`
  int32_t known;  // the first of its rows in what is known of the samples
  double a, b;    // its numbers
};

enum Kind : int32_t { DENSE, PIECEWISE, SIGN, ERF, GELU };

// A matrix whose columns lie side by side.
template <class T> struct Matrix {
  T* data;
  int64_t stride;
  T* at(int64_t i, int64_t j) const { return data + i * stride + j; }
};

template <class T> struct Task {
  int64_t rows, columns;
  int32_t steps;
  const Step* program;
  const T* tables;                      // (tables, coefficients)
  Matrix<const T> known1, known2;       // (known, samples); those of columns go on to a whole vector
  int32_t root;                         // the row of them with standard deviations behind the last step
  Matrix<const T> delta, ntk;           // in front of the first step, whole vectors; no ntk is 0
  Matrix<T> nngp, theta;                // behind the last one
  Matrix<T> nngp_mirror, theta_mirror;  // where their transposes go, if anywhere
  bool triangle;                        // rows and columns are the same: the upper triangle is computed and mirrored
};
