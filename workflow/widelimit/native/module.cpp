// The Python module: it takes the fastest variant that this processor can run.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "program.hpp"

namespace nb = nanobind;

#define DECLARE(variant)                  \
  namespace variant {                     \
  bool rows(const RowsTask<float>&);      \
  bool rows(const RowsTask<double>&);     \
  void images(const ImagesTask<float>&);  \
  void images(const ImagesTask<double>&); \
  }
DECLARE(baseline)
DECLARE(avx2)
DECLARE(avx512)

namespace {

// The set of instructions whose variant is taken.
const char* instructions() {
#if defined(HAS_AVX2)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2"))
    return "baseline";
#endif
#if defined(HAS_AVX512)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return "avx512";
#endif
#if defined(HAS_AVX2)
  return "avx2";
#endif
  return "baseline";
}

#if defined(HAS_AVX512)
#define AVX512(call) \
  if (best() == "avx512") return avx512::call;
#else
#define AVX512(call)
#endif
#if defined(HAS_AVX2)
#define AVX2(call) \
  if (best() == "avx2") return avx2::call;
#else
#define AVX2(call)
#endif
#define BEST(call) \
  AVX512(call)     \
  AVX2(call) return baseline::call;

const std::string& best() {
  static const std::string name = instructions();
  return name;
}

template <class T> bool best_rows(const RowsTask<T>& task) { BEST(rows(task)) }

template <class T> void best_images(const ImagesTask<T>& task) { BEST(images(task)) }

template <class T> using Array = nb::ndarray<T, nb::ndim<2>, nb::device::cpu>;
template <class T> using Maybe = std::optional<Array<T>>;

template <class T> Matrix<T> matrix(const Array<T>& x) {
  if (x.stride(1) != 1 && x.shape(1) > 1) throw nb::value_error("the columns of an array must lie side by side");
  return {x.data(), x.stride(0)};
}

template <class T> Matrix<T> matrix(const Maybe<T>& x) { return x ? matrix<T>(*x) : Matrix<T>{}; }

// Kinds come with the number of arrays that each step has in what is known, which are next to each other.
template <class S>
S step_of(const Array<const int32_t>& kinds, const Array<const double>& numbers, size_t s, int64_t known) {
  S step;
  step.kind = kinds(s, 0), step.known = known;
  step.a = numbers(s, 0), step.b = numbers(s, 1), step.c = numbers(s, 2);
  return step;
}

template <class T> bool rows(Array<const int32_t> kinds, Array<const double> numbers, Array<const T> tables,
                             Array<const T> known1, Array<const T> known2, Array<const T> delta, Maybe<const T> ntk,
                             Maybe<T> nngp, Maybe<T> theta, Maybe<T> nngp_mirror, Maybe<T> theta_mirror,
                             bool triangle) {
  std::vector<Step> program;
  int64_t known = 0;
  for (size_t s = 0; s < kinds.shape(0); s++) {
    program.push_back(step_of<Step>(kinds, numbers, s, known));
    known += kinds(s, 1);
  }
  const Array<T>& some = nngp ? *nngp : theta.value();
  const RowsTask<T> task{(int64_t)some.shape(0),  (int64_t)some.shape(1),  (int32_t)program.size(),
                         program.data(),          tables.data(),           matrix<const T>(known1),
                         matrix<const T>(known2), (int32_t)known,          matrix<const T>(delta),
                         matrix<const T>(ntk),    matrix<T>(nngp),         matrix<T>(theta),
                         matrix<T>(nngp_mirror),  matrix<T>(theta_mirror), triangle};
  nb::gil_scoped_release released;
  return best_rows<T>(task);
}

// Loops have places for images that do not grow, branches that are not too deep, and poolings outside of them.
void check(const std::vector<ImageStep>& program, int height, int width) {
  int images = 1, poolings = 0;
  for (const ImageStep& step : program) {
    images += (step.kind == COPY) - (step.kind == ADD);
    poolings += step.kind == POOL;
    const bool halves = step.kind != POOL || (images == 1 && 2 * step.height == height && 2 * step.width == width);
    const bool fits = step.height > 0 && step.width > 0 && step.height <= height && step.width <= width;
    if (!halves || !fits || images < 1 || images >= DEPTH || poolings >= LEVELS)
      throw nb::value_error("a step does not fit to the images that come into it");
    height = step.height, width = step.width;
  }
}

template <class T> void images(Array<const int32_t> kinds, Array<const double> numbers, Array<const T> tables,
                               std::tuple<int, int, int> shape, Array<const T> x1, Array<const T> known1,
                               Array<const T> x2, Array<const T> known2, bool periodic, bool paired, bool triangle,
                               int readout, Array<double> nngp, Array<double> theta) {
  std::vector<ImageStep> program;
  auto [height, width, channels] = shape;
  int64_t known = 0, positions = (int64_t)height * width;
  for (size_t s = 0; s < kinds.shape(0); s++) {
    ImageStep step = step_of<ImageStep>(kinds, numbers, s, known);
    step.window_height = kinds(s, 2), step.window_width = kinds(s, 3), step.top = kinds(s, 4), step.left = kinds(s, 5);
    step.height = kinds(s, 6), step.width = kinds(s, 7);
    program.push_back(step);
    positions = (int64_t)step.height * step.width;
    known += kinds(s, 1) * positions;
  }
  check(program, height, width);
  const int64_t pixels = (int64_t)height * width * channels, n1 = x1.shape(0), n2 = x2.shape(0);
  const int64_t columns = !paired ? n2 : readout == VARIANCES ? positions : 1;
  for (const auto& [array, rows, least] :
       {std::tuple{&x1, n1, pixels}, {&x2, n2, pixels}, {&known1, n1, known}, {&known2, n2, known}})
    if ((int64_t)array->shape(0) != rows || (int64_t)array->shape(1) < least)
      throw nb::value_error("images, or what is known of them, have another shape than the program");
  for (const auto* sums : {&nngp, &theta})
    if ((int64_t)sums->shape(0) != n1 || (int64_t)sums->shape(1) != columns)
      throw nb::value_error("sums have another shape than pairs of images");
  if (paired && n1 != n2) throw nb::value_error("images are not as many on both sides as pairs need");
  const ImagesTask<T> task{(int64_t)x1.shape(0),
                           (int64_t)x2.shape(0),
                           height,
                           width,
                           channels,
                           (int32_t)program.size(),
                           program.data(),
                           tables.data(),
                           matrix<const T>(x1),
                           matrix<const T>(x2),
                           matrix<const T>(known1),
                           matrix<const T>(known2),
                           known,
                           positions,
                           periodic,
                           paired,
                           triangle,
                           (Readout)readout,
                           matrix<double>(nngp),
                           matrix<double>(theta)};
  nb::gil_scoped_release released;
  best_images<T>(task);
}

template <class T> void define(nb::module_& m) {
  using namespace nb::literals;
  m.def("rows", &rows<T>, "kinds"_a.noconvert(), "numbers"_a.noconvert(), "tables"_a.noconvert(),
        "known1"_a.noconvert(), "known2"_a.noconvert(), "delta"_a.noconvert(), "ntk"_a.noconvert().none(),
        "nngp"_a.noconvert().none(), "theta"_a.noconvert().none(), "nngp_mirror"_a.noconvert().none(),
        "theta_mirror"_a.noconvert().none(), "triangle"_a);
  m.def("images", &images<T>, "kinds"_a.noconvert(), "numbers"_a.noconvert(), "tables"_a.noconvert(), "shape"_a,
        "x1"_a.noconvert(), "known1"_a.noconvert(), "x2"_a.noconvert(), "known2"_a.noconvert(), "periodic"_a,
        "paired"_a, "triangle"_a, "readout"_a, "nngp"_a.noconvert(), "theta"_a.noconvert());
}

}  // namespace

NB_MODULE(_engine, m) {
  m.def("instructions", &instructions);
  m.def("sources", [] { return SOURCES; });
  define<float>(m);
  define<double>(m);
}
