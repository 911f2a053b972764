// What the pictures of this folder share: colours, text, and a file that appears whole.
#pragma once

#include <cairo.h>

#include <array>
#include <filesystem>
#include <functional>
#include <string>

namespace heddle::plot {

struct Colour {
  double r, g, b;
};
constexpr Colour kInk{0.13, 0.15, 0.19}, kMuted{0.38, 0.41, 0.46}, kGrid{0.90, 0.91, 0.93},
    kAxis{0.62, 0.65, 0.69};

// Okabe and Ito's palette, distinguishable with any colour vision; yellow is left out, as it is too
// pale on white. https://jfly.uni-koeln.de/color/
constexpr std::array<Colour, 7> kPalette{{{0.00, 0.45, 0.70},
                                          {0.84, 0.37, 0.00},
                                          {0.00, 0.62, 0.45},
                                          {0.80, 0.47, 0.65},
                                          {0.34, 0.71, 0.91},
                                          {0.90, 0.62, 0.00},
                                          {0.30, 0.30, 0.34}}};

void setColour(cairo_t *cr, Colour colour);
void setFont(cairo_t *cr, double size, bool bold = false);
double textWidth(cairo_t *cr, const std::string &text);
// Draws text whose baseline starts `align` of its width left of x: 0 is left, 0.5 centred, 1 right.
void drawText(cairo_t *cr, double x, double y, const std::string &text, double align);

// What `draw` draws on white, into `path`, as the extension says: .svg or .png. The file appears
// whole or not at all. Throws std::runtime_error when it cannot be written.
void savePicture(const std::filesystem::path &path, double width, double height,
                 const std::function<void(cairo_t *)> &draw);

} // namespace heddle::plot
