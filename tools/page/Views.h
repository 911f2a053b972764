// A graph as pictures of which each can be taken in: one of all, whose boxes open into others.
#pragma once

#include "Groups.h"

#include <optional>

namespace heddle::page {

/// A node, several of them, or (`outside`) neighbours that another view shows.
struct Box {
  std::vector<std::size_t> nodes;
  std::string title, subtitle;
  std::optional<std::size_t> opens; ///< the view of what it holds
  bool outside = false;
  double x = 0, y = 0, width = 0, height = 0; ///< of its centre; pixels
};

struct Arrow {
  std::size_t from = 0, to = 0; ///< boxes
  std::string label;
  std::vector<double> points; ///< x, y of a Bézier spline: its start, then three for each piece
  double label_x = 0, label_y = 0;
};

struct View {
  std::string title;
  std::optional<std::size_t> parent;
  std::vector<Box> boxes;
  std::vector<Arrow> arrows;
  double width = 0, height = 0;
};

enum class Grouping { by_layer, by_line };

/// The first view shows all. Boxes have sizes, but no places yet.
std::vector<View> make_views(const Graph &graph, const Groups &groups, Grouping grouping);

} // namespace heddle::page
