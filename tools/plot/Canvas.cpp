#include "Canvas.h"

#include "Picture.h"

#include <cairo-svg.h>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <memory>
#include <stdexcept>

namespace heddle::plot {
namespace {

constexpr double kPngScale =
    2; // PNG pixels a unit, so that the picture stays sharp on dense screens
constexpr const char *kFont = "sans-serif";

// What cairo hands out, given back when done.
using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

std::string lowerExtension(const std::filesystem::path &path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

cairo_status_t writePicture(const std::string &file, bool svg, double width, double height,
                            const std::function<void(cairo_t *)> &draw) {
  Surface surface(svg ? cairo_svg_surface_create(file.c_str(), width, height)
                      : cairo_image_surface_create(CAIRO_FORMAT_RGB24,
                                                   static_cast<int>(std::ceil(width * kPngScale)),
                                                   static_cast<int>(std::ceil(height * kPngScale))),
                  cairo_surface_destroy);
  if (!svg)
    cairo_surface_set_device_scale(surface.get(), kPngScale, kPngScale);
  {
    Context cr(cairo_create(surface.get()), cairo_destroy);
    setColour(cr.get(), {1, 1, 1});
    cairo_paint(cr.get());
    draw(cr.get());
    if (cairo_status_t status = cairo_status(cr.get()))
      return status;
  }
  if (!svg)
    return cairo_surface_write_to_png(surface.get(), file.c_str());
  cairo_surface_finish(surface.get()); // an SVG is written here
  return cairo_surface_status(surface.get());
}

} // namespace

void setColour(cairo_t *cr, Colour c) { cairo_set_source_rgb(cr, c.r, c.g, c.b); }

void setFont(cairo_t *cr, double size, bool bold) {
  cairo_select_font_face(cr, kFont, CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cr, size);
}

double textWidth(cairo_t *cr, const std::string &text) {
  cairo_text_extents_t extents;
  cairo_text_extents(cr, text.c_str(), &extents);
  return extents.x_advance;
}

void drawText(cairo_t *cr, double x, double y, const std::string &text, double align) {
  cairo_move_to(cr, x - align * textWidth(cr, text), y);
  cairo_show_text(cr, text.c_str());
  cairo_new_path(cr); // or the next line would start where the text ends
}

void checkPicturePath(const std::filesystem::path &path) {
  const std::string extension = lowerExtension(path);
  if (extension != ".svg" && extension != ".png")
    throw std::runtime_error(
        fmt::format("cannot save a figure as '{}': expected the extension .svg or .png, got '{}'",
                    path.string(), extension));
  const std::filesystem::path folder = path.parent_path();
  std::error_code error;
  if (!folder.empty() && !std::filesystem::is_directory(folder, error))
    throw std::runtime_error(
        fmt::format("cannot write '{}': there is no folder '{}'", path.string(), folder.string()));
}

void savePicture(const std::filesystem::path &path, double width, double height,
                 const std::function<void(cairo_t *)> &draw) {
  checkPicturePath(path);
  // The process id keeps two programs that save the same picture out of each other's way.
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.tmp", getpid());
  std::error_code error;
  if (cairo_status_t status =
          writePicture(temporary.string(), lowerExtension(path) == ".svg", width, height, draw)) {
    std::filesystem::remove(temporary, error);
    throw std::runtime_error(
        fmt::format("cannot write '{}': {}; check that its folder may be written to", path.string(),
                    cairo_status_to_string(status)));
  }
  std::filesystem::rename(temporary, path, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw std::runtime_error(fmt::format("cannot write '{}': {}", path.string(), error.message()));
  }
}

} // namespace heddle::plot
