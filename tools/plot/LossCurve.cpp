#include "LossCurve.h"

#include "Canvas.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace heddle::plot {
namespace {

constexpr double kWidth = 900, kHeight = 540;
constexpr double kLeft = 84, kRight = 28, kTop = 62, kBottom = 64;
constexpr double kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;

struct Point {
  double x, y;
};
using Run = std::vector<Point>; // points with no gap between them

// One axis of the plot: its range in data units (of log10 when logarithmic) and its labelled
// positions.
struct Axis {
  double low = 0, high = 1;
  bool log = false;
  std::vector<double> at;   // in data units
  std::vector<double> line; // grid lines with no label, in data units
  double fraction(double value) const {
    return ((log ? std::log10(value) : value) - low) / (high - low);
  }
};

double toX(const Axis &axis, double value) { return kLeft + axis.fraction(value) * kPlotWidth; }
double toY(const Axis &axis, double value) {
  return kTop + (1 - axis.fraction(value)) * kPlotHeight;
}

// Splits a series at the points that cannot be drawn.
std::vector<Run> drawableRuns(const Series &series, bool logY) {
  std::vector<Run> runs(1);
  for (size_t i = 0; i < series.x.size(); ++i) {
    double x = series.x[i], y = series.y[i];
    if (std::isfinite(x) && std::isfinite(y) && (!logY || y > 0))
      runs.back().push_back({x, y});
    else if (!runs.back().empty())
      runs.emplace_back();
  }
  if (runs.back().empty())
    runs.pop_back();
  return runs;
}

// A range that holds [low, high] with `margin` of its length free at both ends; never empty.
Axis linearAxis(double low, double high, double margin, int count) {
  double span = high - low;
  if (!(span > std::max(std::abs(low), std::abs(high)) * 1e-12))
    span = std::max(std::abs(low) * 0.2, 1e-9), low -= span / 2, high += span / 2;
  Axis axis{low - margin * span, high + margin * span, false, {}, {}};
  axis.at = ticks(axis.low, axis.high, count);
  return axis;
}

Axis logAxis(double low, double high, double margin, int count) {
  Axis axis = linearAxis(std::log10(low), std::log10(high), margin, count);
  axis.log = true;
  axis.at.clear();
  double decades = axis.high - axis.low;
  int step = std::max(1, static_cast<int>(std::ceil((axis.high - axis.low) / count)));
  for (int e = static_cast<int>(std::floor(axis.low)); e <= axis.high; ++e)
    for (int m = 1; m < 10; ++m) {
      double value = m * std::pow(10.0, e), position = std::log10(value);
      if (position < axis.low || position > axis.high)
        continue;
      if ((m == 1 && e % step == 0) || decades < 1 || (decades < 2.2 && (m == 2 || m == 5)))
        axis.at.push_back(value);
      else
        axis.line.push_back(value);
    }
  if (axis.at.size() < 3) { // so small a range that it is all but linear
    axis.line.clear();
    axis.at = ticks(std::pow(10.0, axis.low), std::pow(10.0, axis.high), count);
  }
  return axis;
}

// Labels with just the decimals that tell neighbours apart; large numbers in thousands (12k, 1.5M).
std::vector<std::string> labels(const std::vector<double> &values, bool log) {
  double largest = 0, step = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < values.size(); ++i) {
    largest = std::max(largest, std::abs(values[i]));
    if (i > 0)
      step = std::min(step, std::abs(values[i] - values[i - 1]));
  }
  auto [unit, suffix] = largest >= 1e13   ? std::pair(1.0, "")
                        : largest >= 1e9  ? std::pair(1e9, "G")
                        : largest >= 1e6  ? std::pair(1e6, "M")
                        : largest >= 10e3 ? std::pair(1e3, "k")
                                          : std::pair(1.0, "");
  std::vector<std::string> out;
  for (double value : values) {
    if (log || largest >= 1e13 || largest < 1e-4) {
      out.push_back(fmt::format("{:.6g}", value));
      continue;
    }
    int decimals = 0;
    if (std::isfinite(step) && step > 0)
      decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step / unit) - 1e-9)), 0, 9);
    out.push_back(value == 0 ? "0" : fmt::format("{:.{}f}{}", value / unit, decimals, suffix));
  }
  return out;
}

void drawFrame(cairo_t *cr, const Figure &figure, const Axis &x, const Axis &y) {
  cairo_set_line_width(cr, 1);
  setColour(cr, kGrid);
  auto horizontal = [&](double value) {
    double at = std::round(toY(y, value)) + 0.5;
    cairo_move_to(cr, kLeft, at);
    cairo_line_to(cr, kLeft + kPlotWidth, at);
  };
  for (double value : y.at)
    horizontal(value);
  for (double value : x.at) {
    double at = std::round(toX(x, value)) + 0.5;
    cairo_move_to(cr, at, kTop);
    cairo_line_to(cr, at, kTop + kPlotHeight);
  }
  cairo_stroke(cr);
  cairo_set_line_width(cr, 0.5);
  for (double value : y.line)
    horizontal(value);
  cairo_stroke(cr);

  cairo_set_line_width(cr, 1.2);
  setColour(cr, kAxis);
  cairo_move_to(cr, kLeft, kTop);
  cairo_line_to(cr, kLeft, kTop + kPlotHeight);
  cairo_line_to(cr, kLeft + kPlotWidth, kTop + kPlotHeight);
  cairo_stroke(cr);

  setFont(cr, 13);
  setColour(cr, kMuted);
  auto xLabels = labels(x.at, x.log), yLabels = labels(y.at, y.log);
  for (size_t i = 0; i < x.at.size(); ++i)
    drawText(cr, toX(x, x.at[i]), kTop + kPlotHeight + 20, xLabels[i], 0.5);
  for (size_t i = 0; i < y.at.size(); ++i)
    drawText(cr, kLeft - 10, toY(y, y.at[i]) + 4.5, yLabels[i], 1);

  setFont(cr, 14);
  setColour(cr, kInk);
  drawText(cr, kLeft + kPlotWidth / 2, kHeight - 16, figure.x_label, 0.5);
  cairo_save(cr);
  cairo_translate(cr, 24, kTop + kPlotHeight / 2);
  cairo_rotate(cr, -std::acos(0.0)); // a quarter turn
  drawText(cr, 0, 0, figure.y_label, 0.5);
  cairo_restore(cr);

  setFont(cr, 19, /*bold=*/true);
  drawText(cr, kLeft, 38, figure.title, 0);
}

// The colour of the series, dashed when all colours have been used.
void setPen(cairo_t *cr, size_t series) {
  constexpr double dashes[] = {6, 5};
  setColour(cr, kPalette[series % kPalette.size()]);
  cairo_set_dash(cr, dashes, series / kPalette.size() % 2 ? 2 : 0, 0);
}

void drawLine(cairo_t *cr, const Run &run, const Axis &x, const Axis &y, size_t series,
              size_t pointsInSeries) {
  bool marks = pointsInSeries <= 40;
  setPen(cr, series);
  cairo_set_line_width(cr,
                       pointsInSeries > 400 ? 1.3 : 2.2); // dense ones are noisy: keep them light
  cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
  for (const Point &p : run)
    cairo_line_to(cr, toX(x, p.x), toY(y, p.y));
  cairo_stroke(cr);
  if (!marks && run.size() > 1)
    return;
  for (const Point &p : run) {
    cairo_arc(cr, toX(x, p.x), toY(y, p.y), 3.4, 0, 4 * std::acos(0.0));
    cairo_fill(cr);
  }
}

// The legend goes into the corner that the fewest points lie under: top right unless it is crowded.
void drawLegend(cairo_t *cr, const Figure &figure, const std::vector<std::vector<Run>> &runs,
                const Axis &x, const Axis &y) {
  constexpr double row = 22, padding = 12, swatch = 26;
  setFont(cr, 13.5);
  double width = 0;
  int rows = 0;
  for (const Series &s : figure.series)
    if (!s.name.empty())
      width = std::max(width, textWidth(cr, s.name)), ++rows;
  if (rows == 0)
    return;
  width += swatch + 10 + 2 * padding;
  double height = rows * row + padding;

  double right = kLeft + kPlotWidth - 12 - width, left = kLeft + 14;
  double top = kTop + 10, bottom = kTop + kPlotHeight - 12 - height;
  std::array<Point, 4> corners{{{right, top}, {right, bottom}, {left, bottom}, {left, top}}};
  Point best = corners[0];
  size_t fewest = std::numeric_limits<size_t>::max();
  for (const Point &corner : corners) {
    size_t under = 0;
    for (const auto &series : runs)
      for (const Run &run : series)
        under += std::count_if(run.begin(), run.end(), [&](const Point &p) {
          double px = toX(x, p.x) - corner.x, py = toY(y, p.y) - corner.y;
          return px > -8 && px < width + 8 && py > -8 && py < height + 8;
        });
    if (under < fewest)
      best = corner, fewest = under;
  }

  cairo_rectangle(cr, best.x, best.y, width, height);
  cairo_set_source_rgba(cr, 1, 1, 1, 0.92);
  cairo_fill_preserve(cr);
  cairo_set_line_width(cr, 1);
  setColour(cr, kGrid);
  cairo_stroke(cr);

  double baseline = best.y + padding + 10;
  for (size_t i = 0; i < figure.series.size(); ++i) {
    if (figure.series[i].name.empty())
      continue;
    setPen(cr, i);
    cairo_set_line_width(cr, 3);
    cairo_move_to(cr, best.x + padding, baseline - 4.5);
    cairo_rel_line_to(cr, swatch, 0);
    cairo_stroke(cr);
    setColour(cr, kInk);
    drawText(cr, best.x + padding + swatch + 10, baseline, figure.series[i].name, 0);
    baseline += row;
  }
}

void draw(cairo_t *cr, const Figure &figure) {
  std::vector<std::vector<Run>> runs;
  bool whole = true; // whether every x is a whole number, as steps and epochs are
  double inf = std::numeric_limits<double>::infinity();
  double lowX = inf, highX = -inf, lowY = inf, highY = -inf;
  for (const Series &series : figure.series) {
    runs.push_back(drawableRuns(series, figure.log_y));
    for (const Run &run : runs.back())
      for (const Point &p : run) {
        whole = whole && p.x == std::round(p.x);
        lowX = std::min(lowX, p.x), highX = std::max(highX, p.x);
        lowY = std::min(lowY, p.y), highY = std::max(highY, p.y);
      }
  }
  Axis x = linearAxis(lowX, highX, 0.015, 9);
  if (whole) // there is no epoch 1.5
    std::erase_if(x.at, [](double at) { return at != std::round(at); });
  Axis y = figure.log_y ? logAxis(lowY, highY, 0.06, 7) : linearAxis(lowY, highY, 0.06, 7);

  drawFrame(cr, figure, x, y);
  for (size_t i = 0; i < runs.size(); ++i) {
    size_t points = 0;
    for (const Run &run : runs[i])
      points += run.size();
    for (const Run &run : runs[i])
      drawLine(cr, run, x, y, i, points);
  }
  cairo_set_dash(cr, nullptr, 0, 0);
  drawLegend(cr, figure, runs, x, y);
}

// What would make the figure impossible to draw, said before any file is touched.
void check(const Figure &figure) {
  if (figure.series.empty())
    throw std::runtime_error(
        fmt::format("figure '{}' has no series; add at least one", figure.title));
  bool any = false;
  for (const Series &s : figure.series) {
    if (s.x.size() != s.y.size())
      throw std::runtime_error(
          fmt::format("figure '{}', series '{}': expected as many x as y values, got {} and {}",
                      figure.title, s.name, s.x.size(), s.y.size()));
    any = any || !drawableRuns(s, figure.log_y).empty();
  }
  if (!any)
    throw std::runtime_error(
        fmt::format("figure '{}' has no point that can be drawn: every series is empty or not "
                    "finite{}",
                    figure.title, figure.log_y ? " or, on its log axis, not positive" : ""));
}

} // namespace

std::vector<double> ticks(double low, double high, int count) {
  if (!(high > low) || count < 1)
    return {};
  double rough = (high - low) / count, power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = power * (rough / power < 1.5   ? 1
                         : rough / power < 3.5 ? 2
                         : rough / power < 7.5 ? 5
                                               : 10);
  std::vector<double> out;
  // Counted in whole steps, so that no rounding error adds up; the slack keeps ticks on the
  // borders.
  double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
  for (double i = first; i <= last; ++i)
    out.push_back(i == 0 ? 0.0 : i * step);
  return out;
}

void save(const Figure &figure, const std::filesystem::path &path) {
  check(figure);
  savePicture(path, kWidth, kHeight, [&](cairo_t *cr) { draw(cr, figure); });
}

} // namespace heddle::plot
