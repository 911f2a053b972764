// Bars as pictures: named rows, and for each of them a bar in every panel, saved as SVG or PNG.
#pragma once

#include "Picture.h"

#include <string>
#include <vector>

namespace heddle::plot {

struct Bar {
  double value; // not finite: no bar, only the text
  std::string text;
};

// One column of the picture, on an axis of its own that begins at 0.
struct BarPanel {
  std::string title;
  double mark;           // a line at this value, to compare the bars with
  double most;           // longer bars are cut here, and say so by an arrow
  std::vector<Bar> bars; // one a row
};

struct BarChart {
  std::string title, note;
  std::vector<std::string> rows;
  std::vector<BarPanel> panels;
};

// Draws `chart` into `path`, as the extension says: .svg or .png. The file appears whole or not at
// all. Throws std::runtime_error when nothing can be drawn or written.
void save(const BarChart &chart, const std::filesystem::path &path);

} // namespace heddle::plot
