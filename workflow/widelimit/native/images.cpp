// Pairs of images through a program of convolutions and activations, displacement by displacement.
//
// A convolution with stride 1 moves both positions of a pair alike, so that entries of one displacement between them
// are an image of their own, which goes through all layers while it is in a cache. An average over 2 × 2 positions
// joins nine displacements to one: their images are added as they come, row of displacements by row. One image is
// compared with as many others at once as a vector has lanes. Compiled once for each set of instructions; it includes
// nothing whose functions could be shared between them.

#include <new>

#include "image_rows.hpp"

#ifndef VARIANT
#define VARIANT baseline
#endif

namespace {

inline int length(int d) { return d < 0 ? -d : d; }

inline int least(int a, int b) { return a < b ? a : b; }

inline int64_t least64(int64_t a, int64_t b) { return a < b ? a : b; }

inline int most(int a, int b) { return a > b ? a : b; }

// Memory that is aligned to vectors, and zero.
template <class V> struct Buffer {
  V* data = nullptr;
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  void make(int64_t count) {
    data = (V*)::operator new(count * sizeof(V), std::align_val_t(64));
    for (int64_t i = 0; i < count; i++) data[i] = V{};
  }
  ~Buffer() {
    if (data) ::operator delete(data, std::align_val_t(64));
  }
};

// Second moments and tangent kernel at the pairs of positions of one displacement; it has a margin.
template <class T> struct Image {
  Vector<T>*k, *ntk;
};

// The steps between two poolings.
struct Level {
  int first, last;       // of the program
  int height, width;     // of the images in front of them
  int bottom, right;     // and of those behind
  int reach_y, reach_x;  // displacements that are needed
};

// A displacement of positions of the one image to those of the other.
struct Displacement {
  int dy, dx;
  int y() const { return most(0, -dy); }  // the first position of the one image that has a partner
  int x() const { return most(0, -dx); }
};

template <class T, bool paired> class Walk {
  using V = Vector<T>;
  static constexpr int lanes = Lanes<T>::count;
  static constexpr int own = paired ? lanes : 1;  // numbers of the one side at a position

  const ImagesTask<T>& task;
  const Tables<T> tables;
  int count = 0, margin = 0, depth = 2;
  Level levels[LEVELS];
  Image<T> images[LEVELS][DEPTH];
  Buffer<V> memory[LEVELS], pooled[LEVELS], sums;
  Buffer<int64_t> places[LEVELS];  // of pooled images

 public:
  const T *x1, *known1, *x2, *known2;  // lanes of the other side, and of the one if images come in pairs
  double nngp[lanes], ntk[lanes];
  Buffer<V> variances;

  explicit Walk(const ImagesTask<T>& task) : task(task), tables{task.tables} {
    split();
    const Level& last = levels[count - 1];
    for (int l = 0; l < count; l++) allocate(l);
    sums.make(2 * (task.width + 2 * margin));
    if (task.readout == VARIANCES) variances.make((int64_t)last.bottom * last.right);
  }

  void run() {
    for (int c = 0; c < lanes; c++) nngp[c] = ntk[c] = 0;
    const Level& level = levels[0];
    for (int dy = task.periodic ? 0 : -level.reach_y; dy <= level.reach_y; dy++) {
      for (int dx = task.periodic ? 0 : -level.reach_x; dx <= level.reach_x; dx++) {
        products({dy, dx});
        through(0, {dy, dx});
      }
      finish(0, dy);
    }
  }

 private:
  void split() {
    int height = task.height, width = task.width, now = 2;
    levels[0] = {0, 0, height, width, height, width, 0, 0};
    for (int s = 0; s < task.steps; s++) {
      const ImageStep& step = task.program[s];
      if (step.kind == CONVOLVE) {
        const int below = step.height + step.window_height - 1 - step.top - height;
        const int beside = step.width + step.window_width - 1 - step.left - width;
        margin = most(margin, most(most(step.top, step.left), most(below, beside)));
      }
      if (step.kind == COPY) depth = most(depth, ++now);
      if (step.kind == ADD) now--;
      height = step.height, width = step.width;
      if (step.kind == POOL) levels[++count] = {s + 1, s + 1, height, width, height, width, 0, 0};
      Level& level = levels[count];
      if (step.kind != POOL) level.last = s + 1, level.bottom = height, level.right = width;
    }
    count++;
    int reach_y = task.readout == ALL_POSITIONS ? height : 0, reach_x = task.readout == ALL_POSITIONS ? width : 0;
    for (int l = count - 1; l >= 0; l--) {
      levels[l].reach_y = least(reach_y, levels[l].bottom - 1), reach_y = 2 * levels[l].reach_y + 1;
      levels[l].reach_x = least(reach_x, levels[l].right - 1), reach_x = 2 * levels[l].reach_x + 1;
    }
  }

  int stride(int l) const { return levels[l].width + 2 * margin; }

  void allocate(int l) {
    const Level& level = levels[l];
    const int64_t plane = (int64_t)(level.height + 2 * margin) * stride(l);
    memory[l].make(2 * plane * depth);
    for (int i = 0; i < depth; i++) {
      V* start = memory[l].data + 2 * plane * i + margin * stride(l) + margin;
      images[l][i] = {start, start + plane};
    }
    if (l == 0) return;
    // Two rows of pooled displacements; the image of each is as wide as it has partners.
    places[l].make(2 * level.reach_x + 2);
    int64_t total = 0;
    for (int i = 0; i <= 2 * level.reach_x + 1; i++) {
      places[l].data[i] = total;
      total += (int64_t)level.height * (level.width - length(i - level.reach_x));
    }
    pooled[l].make(4 * places[l].data[2 * level.reach_x + 1]);
  }

  int rows_of(int height, Displacement d) const { return task.periodic ? height : height - length(d.dy); }

  int columns_of(int width, Displacement d) const { return task.periodic ? width : width - length(d.dx); }

  // Second moments of raw inputs.
  void products(Displacement d) {
    const Image<T>& image = images[0][0];
    const int y = task.periodic ? 0 : d.y(), x = task.periodic ? 0 : d.x();
    const int height = rows_of(task.height, d), width = columns_of(task.width, d), channels = task.channels;
    for (int i = 0; i < height; i++)
      for (int j = 0; j < width; j++) {
        const int partner = (y + i + d.dy) % task.height * task.width + (x + j + d.dx) % task.width;
        const Known<T, paired> pixel{x1 + (int64_t)((y + i) * task.width + x + j) * channels * own,
                                     x2 + (int64_t)partner * channels * lanes};
        V sum{};
        for (int c = 0; c < channels; c++) sum += pixel.first(c) * pixel.second(c);
        image.k[i * stride(0) + j] = sum * ((T)1 / channels);
        image.ntk[i * stride(0) + j] = V{};
      }
  }

  // The image of a displacement through the steps of a level.
  void through(int l, Displacement d) {
    const Level& level = levels[l];
    const int stride = this->stride(l);
    int top = 0, height = level.height, width = level.width, s = level.first;
    while (s < level.last) {
      const ImageStep& step = task.program[s];
      const int h = rows_of(height, d), w = columns_of(width, d);
      Image<T>*image = &images[l][top], *next = image + 1;
      if (step.kind == COPY) {
        const Image<T> from = images[l][top++];
        for (int i = 0; i < h; i++)
          for (int j = i * stride; j < i * stride + w; j++) next->k[j] = from.k[j], next->ntk[j] = from.ntk[j];
      } else if (step.kind == SWAP) {
        const Image<T> held = image[-1];
        image[-1] = *image, *image = held;
      } else if (step.kind == ADD) {
        top--;
        for (int i = 0; i < h; i++)
          for (int j = i * stride; j < i * stride + w; j++)
            image[-1].k[j] += image->k[j], image[-1].ntk[j] += image->ntk[j];
      } else if (step.kind == CONVOLVE) {
        surround(*image, stride, h, w, step, rows_of(step.height, d), columns_of(step.width, d));
      }
      int end = s + 1;
      while (end < level.last && task.program[end].kind < CONVOLVE) end++;
      height = step.height, width = step.width;
      if (step.kind <= CONVOLVE) {
        const Image<T> from = *image, to = step.kind == CONVOLVE ? *next : from;
        for (int i = 0; i < rows_of(height, d); i++) {
          const Image<T> line{to.k + i * stride, to.ntk + i * stride};
          const int columns = columns_of(width, d);
          int t = s;
          if (step.kind == CONVOLVE) t += convolve(step, from, stride, i, s + 1 < end, line, d, columns);
          for (; t < end; t++) apply(task.program[t], line, d, i, columns);
          if (end == level.last) leave(l, line, d, i, columns);
        }
        if (step.kind == CONVOLVE) *image = to, *next = from;
        if (end == level.last) return;
        s = end;
      } else {
        s++;
      }
    }
    for (int i = 0; i < rows_of(height, d); i++) {
      const Image<T>& image = images[l][top];
      leave(l, {image.k + i * stride, image.ntk + i * stride}, d, i, columns_of(width, d));
    }
  }

  // What windows see beyond an image of h × w positions: zeros, or its other end.
  void surround(Image<T> image, int stride, int h, int w, const ImageStep& step, int rows, int columns) const {
    const int bottom = rows + step.window_height - 1 - step.top, right = columns + step.window_width - 1 - step.left;
    for (int i = -step.top; i < bottom; i++)
      for (int j = -step.left; j < right; j++) {
        if (i >= 0 && i < h && j == 0) j = w;
        if (j >= right) break;
        const int from = (i + h) % h * stride + (j + w) % w, to = i * stride + j;
        image.k[to] = task.periodic ? image.k[from] : V{};
        image.ntk[to] = task.periodic ? image.ntk[from] : V{};
      }
  }

  // Row i behind a convolution, and behind the next step if that is joined with it: how many steps these are.
  int convolve(const ImageStep& step, Image<T> image, int stride, int i, bool more, Image<T> line, Displacement d,
               int columns) const {
    const int64_t start = (int64_t)(i - step.top) * stride - step.left;
    const Image<T> above{image.k + start, image.ntk + start};
    const ImageStep* next = more && (&step)[1].kind == PIECEWISE ? &step + 1 : nullptr;
    if (step.window_height == 3 && step.window_width == 3)
      windows<3, 3>(step, next, above, stride, i, line, d, columns);
    else
      windows<0, 0>(step, next, above, stride, i, line, d, columns);
    return next ? 2 : 1;
  }

  // The mean over windows, times the variance of weights, and that of biases.
  template <int rows, int cells> void windows(const ImageStep& step, const ImageStep* next, Image<T> image, int stride,
                                              int i, Image<T> line, Displacement d, int columns) const {
    const int h = rows ? rows : step.window_height, w = cells ? cells : step.window_width;
    V *k = sums.data, *ntk = k + task.width + 2 * margin;
    for (int j = 0; j < columns + w - 1; j++) {
      V a = image.k[j], b = image.ntk[j];
      for (int r = 1; r < h; r++) a += image.k[r * stride + j], b += image.ntk[r * stride + j];
      k[j] = a, ntk[j] = b;
    }
    const Windows<T, cells> seen{k, ntk, w, (T)(step.a / (h * w)), (T)step.b, (T)step.c};
    if (next)
      return activate(*next, line, d, i, columns, [&](Row<T, paired> row, int start) {
        rectify<T>(row, seen.from(start), tables, (T)next->a, (T)next->b);
      });
    for (int j = 0; j < columns; j++) {
      const Entry<T> entry = seen(j);
      line.k[j] = entry.k, line.ntk[j] = entry.ntk;
    }
  }

  // A step that takes positions one by one, on row i.
  void apply(const ImageStep& step, Image<T> line, Displacement d, int i, int columns) const {
    if (step.kind == DENSE) return dense(step, line, columns);
    activate(step, line, d, i, columns, [&](Row<T, paired> row, int) {
      if (step.kind == PIECEWISE) return rectify<T>(row, Held<T>{row.k, row.ntk}, tables, (T)step.a, (T)step.b);
      ::activate<T>(step, row, tables, [&](int k) { return row.more(k); });
    });
  }

  void dense(const ImageStep& step, Image<T> line, int columns) const {
    const T square = (T)step.a, biases = (T)step.b, trained = (T)step.c;
    for (int j = 0; j < columns; j++) {
      V k = square * line.k[j] + biases;
      line.ntk[j] = trained * k + square * line.ntk[j];
      line.k[j] = k;
    }
  }

  // Calls an activation with row i, and where in it that begins: in two parts if positions go round.
  template <class Activation>
  void activate(const ImageStep& step, Image<T> line, Displacement d, int i, int columns, Activation act) const {
    if (!task.periodic) return act(row(step, line, d.y() + i, d.x(), d.y() + i + d.dy, d.x() + d.dx, columns), 0);
    const int partner = (i + d.dy) % step.height, rest = step.width - d.dx;
    act(row(step, line, i, 0, partner, d.dx, rest), 0);
    act(row(step, {line.k + rest, line.ntk + rest}, i, rest, partner, 0, d.dx), rest);
  }

  // From (y1, x1) in the one image and (y2, x2) in the other on.
  Row<T, paired> row(const ImageStep& step, Image<T> line, int y1, int x1, int y2, int x2, int columns) const {
    const int64_t plane = (int64_t)step.height * step.width, at1 = y1 * step.width + x1, at2 = y2 * step.width + x2;
    const Known<T, paired> first{known1 + (step.known + at1) * own, known2 + (step.known + at2) * lanes};
    return {columns, line.k, line.ntk, plane, first, first.next(plane)};
  }

  // Row i behind the last step of a level.
  void leave(int l, Image<T> line, Displacement d, int i, int columns) {
    if (l + 1 < count) return pool(l + 1, line, d, i, columns);
    if (task.readout == VARIANCES) {
      for (int j = 0; j < columns; j++) variances.data[i * levels[l].right + j] = line.k[j];
      return;
    }
    V k{}, t{};
    for (int j = 0; j < columns; j++) k += line.k[j], t += line.ntk[j];
    for (int c = 0; c < lanes; c++) nngp[c] += k[c], ntk[c] += t[c];
  }

  // The pooled image of a displacement; those of two rows of displacements are there.
  Image<T> pooled_image(int l, Displacement d) const {
    const int64_t *place = places[l].data + levels[l].reach_x, total = place[levels[l].reach_x + 1];
    V* start = pooled[l].data + 2 * (d.dy & 1) * total + place[d.dx];
    return {start, start + total};
  }

  // Adds row i to pooled images, which are those of the displacements of the cells that its positions lie in.
  void pool(int l, Image<T> line, Displacement d, int i, int columns) {
    const int y = d.y() + i, dy = ((y + d.dy) >> 1) - (y >> 1);
    if (length(dy) > levels[l].reach_y) return;
    const int every = 1 + (d.dx & 1);  // of an odd displacement, neighbours go to different ones
    for (int start = 0; start < every; start++) {
      const int x = d.x() + start, dx = ((x + d.dx) >> 1) - (x >> 1);
      if (length(dx) > levels[l].reach_x) continue;
      const Displacement cell{dy, dx};
      const Image<T> to = pooled_image(l, cell);
      const int64_t row = (int64_t)((y >> 1) - cell.y()) * (levels[l].width - length(dx)) - cell.x();
      for (int j = start; j < columns; j += every) {
        const int64_t at = row + ((d.x() + j) >> 1);
        to.k[at] += line.k[j], to.ntk[at] += line.ntk[j];
      }
    }
  }

  // What is to do when a row of displacements of a level has been through: every second one completes a pooled row.
  void finish(int l, int dy) {
    const int behind = l + 1, pooled_dy = (dy - 1) >> 1;
    if (behind == count || !(dy & 1) || length(pooled_dy) > levels[behind].reach_y) return;
    const Level& level = levels[behind];
    const T scale = (T)task.program[levels[l].last].a;
    for (int dx = -level.reach_x; dx <= level.reach_x; dx++) {
      const Displacement d{pooled_dy, dx};
      const Image<T> from = pooled_image(behind, d), to = images[behind][0];
      const int h = rows_of(level.height, d), w = columns_of(level.width, d);
      for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++) {
          const int at = i * w + j, there = i * stride(behind) + j;
          to.k[there] = scale * from.k[at], to.ntk[there] = scale * from.ntk[at];
          from.k[at] = from.ntk[at] = V{};
        }
      through(behind, d);
    }
    finish(behind, pooled_dy);
  }
};

// Numbers of as many images as there are lanes, side by side; the last one fills the rest.
template <class T> void interleave(Matrix<const T> from, int64_t first, int64_t end, int64_t numbers, T* to) {
  constexpr int lanes = Lanes<T>::count;
  for (int c = 0; c < lanes; c++) {
    const T* one = from.at(first + c < end ? first + c : end - 1, 0);
    for (int64_t i = 0; i < numbers; i++) to[i * lanes + c] = one[i];
  }
}

template <class T, bool paired> void run(const ImagesTask<T>& task) {
  constexpr int lanes = Lanes<T>::count;
  const int64_t pixels = (int64_t)task.height * task.width * task.channels, known = task.known;
  Walk<T, paired> walk(task);
  Buffer<T> x1, x2, known1, known2;
  x2.make(pixels * lanes), known2.make(known * lanes);
  if (paired) x1.make(pixels * lanes), known1.make(known * lanes);
  walk.x2 = x2.data, walk.known2 = known2.data, walk.x1 = x1.data, walk.known1 = known1.data;
  for (int64_t j = 0; j < task.columns; j += lanes) {
    const int64_t some = task.columns - j < lanes ? task.columns - j : lanes;
    interleave(task.x2, j, task.columns, pixels, x2.data);
    interleave(task.known2, j, task.columns, known, known2.data);
    if (paired) {
      interleave(task.x1, j, task.columns, pixels, x1.data);
      interleave(task.known1, j, task.columns, known, known1.data);
      walk.run();
      const int64_t positions = task.readout == VARIANCES ? task.positions : 0;
      for (int64_t c = 0; c < some; c++) {
        for (int64_t p = 0; p < positions; p++) *task.nngp.at(j + c, p) = walk.variances.data[p][c];
        if (!positions) *task.nngp.at(j + c, 0) = walk.nngp[c], *task.theta.at(j + c, 0) = walk.ntk[c];
      }
      continue;
    }
    for (int64_t i = 0; i < (task.triangle ? least64(task.rows, j + some) : task.rows); i++) {
      walk.x1 = task.x1.at(i, 0), walk.known1 = task.known1.at(i, 0);
      walk.run();
      for (int64_t c = 0; c < some; c++) *task.nngp.at(i, j + c) = walk.nngp[c], *task.theta.at(i, j + c) = walk.ntk[c];
    }
  }
}

}  // namespace

namespace VARIANT {
void images(const ImagesTask<float>& task) { task.paired ? run<float, true>(task) : run<float, false>(task); }
void images(const ImagesTask<double>& task) { task.paired ? run<double, true>(task) : run<double, false>(task); }
}  // namespace VARIANT
