// What passes between Python and the loops: programs of steps, and arrays.
#pragma once

#include <cstdint>

// clang-format off
enum Kind : int32_t {
  DENSE, PIECEWISE, SIGN, ERF, GELU, EXPONENTIAL, GAUSSIAN, WAVE, HERMITE,
  CONVOLVE, COPY, SWAP, ADD, POOL  // of images alone
};
// clang-format on

struct Step {
  int32_t kind;    // one of `Kind`
  int64_t known;   // where its part begins in what is known of samples
  double a, b, c;  // its numbers
};

// A matrix whose columns lie side by side.
template <class T> struct Matrix {
  T* data;
  int64_t stride;
  T* at(int64_t i, int64_t j) const { return data + i * stride + j; }
};

// Pairs of samples through a program, see rows.cpp.
template <class T> struct RowsTask {
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

// A step on images: its window, which begins above and left of a position, and the size of images behind it.
struct ImageStep : Step {
  int32_t window_height, window_width, top, left, height, width;
};

enum Readout : int32_t { EQUAL_POSITIONS, ALL_POSITIONS, VARIANCES };

constexpr int LEVELS = 12;  // parts of a program between poolings, at most
constexpr int DEPTH = 8;    // images at once, at most, with one that is being made: branches wait

// Pairs of images through a program, see images.cpp.
template <class T> struct ImagesTask {
  int64_t rows, columns;
  int32_t height, width, channels, steps;
  const ImageStep* program;
  const T* tables;
  Matrix<const T> x1, x2;          // (samples, height · width · channels)
  Matrix<const T> known1, known2;  // (samples, known)
  int64_t known, positions;        // numbers that are known of an image, and positions behind the last step
  bool periodic;                   // windows go on at the other end of the image
  bool paired;                     // image i with image i alone
  bool triangle;                   // rows and columns are the same images: what is below the diagonal is left out
  Readout readout;                 // sums over pairs of positions, or second moments at each position
  Matrix<double> nngp, theta;      // (rows, columns); for pairs (columns, 1), or (columns, positions) for variances
};
