#include "BarChart.h"

#include "Canvas.h"
#include "LossCurve.h" // ticks

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace heddle::plot {
namespace {

constexpr double kMargin = 28, kTop = 108, kRow = 30, kBarHeight = 17, kBottom = 52;
constexpr double kPanelWidth = 300, kGap = 36;
constexpr double kTextGap = 16; // between the longest bar and the texts
constexpr double kTitleFont = 19, kRowFont = 13.5, kTextFont = 12.5;

struct Layout {
  double names, texts; // widths of the rows' names, and of the bars' texts
  double width, height;
  double left(std::size_t panel) const {
    return kMargin + names + 14 +
           static_cast<double>(panel) * (kPanelWidth + kTextGap + texts + kGap);
  }
  static double middle(std::size_t row) { return kTop + (static_cast<double>(row) + 0.5) * kRow; }
  double bottom() const { return height - kBottom; }
};

// Widths of texts follow from the font, which cairo knows only on a surface: this one is never
// shown.
Layout layOut(const BarChart &chart) {
  cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
  cairo_t *cr = cairo_create(surface);
  setFont(cr, kRowFont);
  Layout layout{};
  for (const std::string &row : chart.rows)
    layout.names = std::max(layout.names, textWidth(cr, row));
  setFont(cr, kTextFont);
  for (const BarPanel &panel : chart.panels)
    for (const Bar &bar : panel.bars)
      layout.texts = std::max(layout.texts, textWidth(cr, bar.text));
  double heads = textWidth(cr, chart.note);
  setFont(cr, kTitleFont, /*bold=*/true);
  heads = std::max(heads, textWidth(cr, chart.title));
  cairo_destroy(cr);
  cairo_surface_destroy(surface);
  layout.width = std::max(layout.left(chart.panels.size()) - kGap, kMargin + heads) + kMargin;
  layout.height = kTop + static_cast<double>(chart.rows.size()) * kRow + kBottom;
  return layout;
}

// How long the axis is: the longest bar and the mark fit, up to `most`.
double axisEnd(const BarPanel &panel) {
  double end = panel.mark;
  for (const Bar &bar : panel.bars)
    if (std::isfinite(bar.value))
      end = std::max(end, bar.value);
  return std::min(end, panel.most) * 1.02;
}

void drawLineAt(cairo_t *cr, double x, double top, double bottom) {
  cairo_move_to(cr, std::round(x) + 0.5, top);
  cairo_line_to(cr, std::round(x) + 0.5, bottom);
  cairo_stroke(cr);
}

void drawBar(cairo_t *cr, double x, double middle, double length, bool cut) {
  const double top = middle - kBarHeight / 2;
  cairo_move_to(cr, x, top);
  cairo_line_to(cr, x + length, top);
  if (cut)
    cairo_line_to(cr, x + length + kBarHeight / 2, middle);
  cairo_line_to(cr, x + length, top + kBarHeight);
  cairo_line_to(cr, x, top + kBarHeight);
  cairo_close_path(cr);
  cairo_fill(cr);
}

void drawPanel(cairo_t *cr, const BarPanel &panel, Colour colour, double x, double bottom) {
  const double end = axisEnd(panel), scale = kPanelWidth / end;
  setFont(cr, 14, /*bold=*/true);
  setColour(cr, kInk);
  drawText(cr, x, kTop - 16, panel.title, 0);

  setFont(cr, 12);
  cairo_set_line_width(cr, 1);
  for (const double at : ticks(0, end, 5)) {
    setColour(cr, kGrid);
    drawLineAt(cr, x + at * scale, kTop, bottom);
    setColour(cr, kMuted);
    drawText(cr, x + at * scale, bottom + 18, fmt::format("{:g}", at), 0.5);
  }
  setFont(cr, kTextFont);
  for (std::size_t i = 0; i < panel.bars.size(); ++i) {
    const auto &[value, text] = panel.bars[i];
    const bool drawn = std::isfinite(value);
    if (drawn) {
      setColour(cr, colour);
      drawBar(cr, x, Layout::middle(i), std::min(value, panel.most) * scale, value > panel.most);
    }
    setColour(cr, drawn ? kInk : kMuted);
    drawText(cr, x + kPanelWidth + kTextGap, Layout::middle(i) + 4.5, text, 0);
  }
  cairo_set_line_width(cr, 1.2);
  setColour(cr, kAxis);
  drawLineAt(cr, x, kTop, bottom);
  cairo_set_line_width(cr, 2);
  setColour(cr, kPalette[1]);
  drawLineAt(cr, x + panel.mark * scale, kTop - 6, bottom + 4);
}

void draw(cairo_t *cr, const BarChart &chart, const Layout &layout) {
  setFont(cr, kTitleFont, /*bold=*/true);
  setColour(cr, kInk);
  drawText(cr, kMargin, 38, chart.title, 0);
  setFont(cr, kTextFont);
  setColour(cr, kMuted);
  drawText(cr, kMargin, 60, chart.note, 0);
  setFont(cr, kRowFont);
  setColour(cr, kInk);
  for (std::size_t i = 0; i < chart.rows.size(); ++i)
    drawText(cr, kMargin + layout.names, Layout::middle(i) + 4.5, chart.rows[i], 1);
  constexpr Colour colours[] = {kPalette[0], kPalette[2]};
  for (std::size_t i = 0; i < chart.panels.size(); ++i)
    drawPanel(cr, chart.panels[i], colours[i % 2], layout.left(i), layout.bottom());
}

// What would make the chart impossible to draw, said before any file is touched.
void check(const BarChart &chart) {
  if (chart.rows.empty() || chart.panels.empty())
    throw std::runtime_error(fmt::format("bar chart '{}' has no {}; add at least one", chart.title,
                                         chart.rows.empty() ? "row" : "panel"));
  for (const BarPanel &panel : chart.panels) {
    if (panel.bars.size() != chart.rows.size())
      throw std::runtime_error(
          fmt::format("bar chart '{}', panel '{}': expected a bar a row, got {} bars for {} rows",
                      chart.title, panel.title, panel.bars.size(), chart.rows.size()));
    if (!(panel.mark > 0) || !(panel.most >= panel.mark))
      throw std::runtime_error(fmt::format("bar chart '{}', panel '{}': expected 0 < mark <= most, "
                                           "got a mark of {} and a most of {}",
                                           chart.title, panel.title, panel.mark, panel.most));
    for (const Bar &bar : panel.bars)
      if (bar.value < 0)
        throw std::runtime_error(
            fmt::format("bar chart '{}', panel '{}': a bar of {} is below 0, where bars begin",
                        chart.title, panel.title, bar.value));
  }
}

} // namespace

void save(const BarChart &chart, const std::filesystem::path &path) {
  check(chart);
  const Layout layout = layOut(chart);
  savePicture(path, layout.width, layout.height, [&](cairo_t *cr) { draw(cr, chart, layout); });
}

} // namespace heddle::plot
