// The Python module: it takes the fastest variant that this processor can run.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>

#include <optional>
#include <string>
#include <vector>

#include "program.hpp"

namespace nb = nanobind;

#define DECLARE(variant)          \
  namespace variant {             \
  bool rows(const Task<float>&);  \
  bool rows(const Task<double>&); \
  }
DECLARE(baseline)
DECLARE(avx2)
DECLARE(avx512)

namespace {

// The set of instructions whose variant is taken.
const char* instructions() {
#if defined(HAS_AVX512)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return "avx512";
#endif
#if defined(HAS_AVX2)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) return "avx2";
#endif
  return "baseline";
}

template <class T> bool best_rows(const Task<T>& task) {
  static const std::string best = instructions();
#if defined(HAS_AVX512)
  if (best == "avx512") return avx512::rows(task);
#endif
#if defined(HAS_AVX2)
  if (best == "avx2") return avx2::rows(task);
#endif
  return baseline::rows(task);
}

template <class T> using Array = nb::ndarray<T, nb::ndim<2>, nb::device::cpu>;
template <class T> using Maybe = std::optional<Array<T>>;

template <class T> Matrix<T> matrix(const Array<T>& x) {
  if (x.stride(1) != 1 && x.shape(1) > 1) throw nb::value_error("the columns of an array must lie side by side");
  return {x.data(), x.stride(0)};
}

template <class T> Matrix<T> matrix(const Maybe<T>& x) { return x ? matrix<T>(*x) : Matrix<T>{}; }

// Kinds come with the number of rows that each step has in what is known.
std::vector<Step> program_of(const Array<const int32_t>& kinds, const Array<const double>& numbers) {
  std::vector<Step> program;
  int32_t known = 0;
  for (size_t s = 0; s < kinds.shape(0); s++) {
    program.push_back({kinds(s, 0), known, numbers(s, 0), numbers(s, 1)});
    known += kinds(s, 1);
  }
  return program;
}

template <class T> bool rows(Array<const int32_t> kinds, Array<const double> numbers, Array<const T> tables,
                             Array<const T> known1, Array<const T> known2, Array<const T> delta, Maybe<const T> ntk,
                             Maybe<T> nngp, Maybe<T> theta, Maybe<T> nngp_mirror, Maybe<T> theta_mirror,
                             bool triangle) {
  const std::vector<Step> program = program_of(kinds, numbers);
  const Array<T>& some = nngp ? *nngp : theta.value();
  const Task<T> task{(int64_t)some.shape(0),
                     (int64_t)some.shape(1),
                     (int32_t)program.size(),
                     program.data(),
                     tables.data(),
                     matrix<const T>(known1),
                     matrix<const T>(known2),
                     (int32_t)known1.shape(0) - 1,
                     matrix<const T>(delta),
                     matrix<const T>(ntk),
                     matrix<T>(nngp),
                     matrix<T>(theta),
                     matrix<T>(nngp_mirror),
                     matrix<T>(theta_mirror),
                     triangle};
  nb::gil_scoped_release released;
  return best_rows<T>(task);
}

template <class T> void define(nb::module_& m) {
  using namespace nb::literals;
  m.def("rows", &rows<T>, "kinds"_a.noconvert(), "numbers"_a, "tables"_a.noconvert(), "known1"_a.noconvert(),
        "known2"_a.noconvert(), "delta"_a.noconvert(), "ntk"_a.none(), "nngp"_a.none(), "theta"_a.none(),
        "nngp_mirror"_a.none(), "theta_mirror"_a.none(), "triangle"_a);
}

}  // namespace

NB_MODULE(_engine, m) {
  m.def("instructions", &instructions);
  define<float>(m);
  define<double>(m);
}
