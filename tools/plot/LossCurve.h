// Loss curves as pictures: named series over steps or epochs, saved as SVG or PNG.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace heddle::plot {

// One line. Points whose x or y is not finite are left out, and break the line.
struct Series {
  std::string name;
  std::vector<double> x, y; // of the same length
};

struct Figure {
  std::string title, x_label, y_label;
  std::vector<Series> series;
  bool log_y = false; // then points with y <= 0 are left out too
};

// Draws `figure`, 900x540, into `path`, as the extension says: .svg or .png. The file appears whole
// or not at all. Throws std::runtime_error when nothing can be drawn or written.
void save(const Figure &figure, const std::filesystem::path &path);

// The labelled positions on an axis from `low` to `high`: multiples of 1, 2 or 5 times a power of
// ten, about `count` of them, all within the range.
std::vector<double> ticks(double low, double high, int count);

} // namespace heddle::plot
