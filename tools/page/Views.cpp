#include "Views.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace heddle::page {
namespace {

using Kind = GraphNode::Kind;

constexpr std::size_t kMostNodes = 60;         // in a view without groups
constexpr std::size_t kLongestText = 34;       // characters in a box
constexpr std::size_t kMostLabelled = 120;     // arrows that get a label
constexpr double kCharacter = 7.3, kLine = 16; // pixels of the page's font

std::string shortened(const std::string &text) {
  if (text.size() <= kLongestText)
    return text;
  // Names differ at their ends as often as at their beginnings. UTF-8 characters stay whole.
  std::size_t head = kLongestText / 2, tail = text.size() - kLongestText / 2;
  auto is_inside = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) >> 6) == 2; };
  while (head > 0 && is_inside(head))
    --head;
  while (tail < text.size() && is_inside(tail))
    ++tail;
  return text.substr(0, head) + "..." + text.substr(tail);
}

// Drawn again beside each of its readers: arrows from one place to everywhere say little.
bool is_leaf(const GraphNode &node) {
  return node.kind == Kind::state || node.kind == Kind::constant;
}

class ViewBuilder {
public:
  ViewBuilder(const Graph &graph, const Groups &groups, Grouping grouping) : graph(graph) {
    auto layer = [&](std::size_t i) {
      const GraphNode &node = graph.nodes[i];
      if (node.kind == Kind::input || node.kind == Kind::output)
        return node.name;
      if (node.name == "gradient")
        return node.name;
      return fmt::format("{} ({})", groups.layer[i].empty() ? "no module" : groups.layer[i],
                         groups.phase[i]);
    };
    auto module = [&](std::size_t i) {
      return groups.module[i].empty() ? "no module" : groups.module[i];
    };
    auto line = [&](std::size_t i) { return groups.line[i].empty() ? "no line" : groups.line[i]; };
    if (grouping == Grouping::by_layer)
      keys = {layer, module, line};
    else
      keys = {line, layer, module};
  }

  std::vector<View> build() {
    std::vector<std::size_t> nodes;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
      if (!is_leaf(graph.nodes[i]))
        nodes.push_back(i);
    add("whole function", {}, nodes, 0);
    return std::move(views);
  }

private:
  std::size_t add(const std::string &title, std::optional<std::size_t> parent,
                  const std::vector<std::size_t> &nodes, std::size_t level) {
    const std::size_t index = views.size();
    views.emplace_back();
    View view;
    view.title = title;
    view.parent = parent;
    if (nodes.size() <= kMostNodes)
      for (const std::size_t node : nodes)
        view.boxes.push_back(box(node));
    else
      for (auto &[name, members] : split(nodes, level)) {
        if (members.size() == 1) {
          view.boxes.push_back(box(members.front()));
          continue;
        }
        Box made;
        made.nodes = members;
        made.title = name;
        made.subtitle = fmt::format("{} nodes", members.size());
        made.opens = add(name, index, members, level);
        view.boxes.push_back(std::move(made));
      }
    connect(view);
    for (Box &made : view.boxes)
      size(made);
    views[index] = std::move(view);
    return index;
  }

  // By the first key from `level` on that tells some apart; by their order if none does.
  std::vector<std::pair<std::string, std::vector<std::size_t>>>
  split(const std::vector<std::size_t> &nodes, std::size_t &level) const {
    for (; level < keys.size(); ++level) {
      std::vector<std::pair<std::string, std::vector<std::size_t>>> parts;
      std::map<std::string, std::size_t> known;
      for (const std::size_t node : nodes) {
        const std::string name = keys[level](node);
        const auto [entry, is_new] = known.try_emplace(name, parts.size());
        if (is_new)
          parts.push_back({name, {}});
        parts[entry->second].second.push_back(node);
      }
      if (parts.size() > 1) {
        ++level;
        return parts;
      }
    }
    std::vector<std::pair<std::string, std::vector<std::size_t>>> parts;
    for (std::size_t i = 0; i < nodes.size(); i += kMostNodes) {
      const std::size_t end = std::min(i + kMostNodes, nodes.size());
      parts.push_back({fmt::format("nodes {} to {}", i + 1, end),
                       {nodes.begin() + static_cast<std::ptrdiff_t>(i),
                        nodes.begin() + static_cast<std::ptrdiff_t>(end)}});
    }
    return parts;
  }

  Box box(std::size_t index) const {
    const GraphNode &node = graph.nodes[index];
    Box made;
    made.nodes = {index};
    made.title = node.name;
    made.subtitle = node.type;
    if (node.kind == Kind::fusion) {
      std::set<std::string> seen;
      std::string ops;
      for (const GraphNode::Part &part : node.parts)
        if (part.op != "constant" && part.op != "broadcast" && seen.insert(part.op).second)
          ops += (ops.empty() ? "" : " ") + part.op;
      made.title = fmt::format("{}: {}", node.name, ops);
    } else if (node.kind == Kind::constant) {
      made.title = node.attributes.empty() ? "constant" : node.attributes;
    } else if (node.kind == Kind::update) {
      made.title = "new " + node.name;
    }
    return made;
  }

  static void size(Box &made) {
    made.title = shortened(made.title);
    made.subtitle = shortened(made.subtitle);
    const std::size_t longest = std::max(made.title.size(), made.subtitle.size());
    made.width = static_cast<double>(std::max<std::size_t>(longest, 6)) * kCharacter + 14;
    made.height = (made.subtitle.empty() ? 1 : 2) * kLine + 8;
  }

  void connect(View &view) const {
    std::map<std::size_t, std::size_t> box_of;
    for (std::size_t i = 0; i < view.boxes.size(); ++i)
      for (const std::size_t node : view.boxes[i].nodes)
        box_of[node] = i;
    std::map<std::pair<std::string, bool>, std::size_t> outside;
    std::map<std::pair<std::size_t, std::size_t>, std::vector<const GraphEdge *>> arrows;
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> leaves;
    auto neighbour = [&](std::size_t node, bool is_source) {
      const std::string name = keys.front()(node);
      const auto [entry, is_new] = outside.try_emplace({name, is_source}, view.boxes.size());
      if (is_new) {
        Box made;
        made.title = name;
        made.outside = true;
        view.boxes.push_back(std::move(made));
      }
      view.boxes[entry->second].nodes.push_back(node);
      return entry->second;
    };
    for (const GraphEdge &edge : graph.edges) {
      const auto from = box_of.find(edge.from), to = box_of.find(edge.to);
      const bool starts_here = from != box_of.end(), ends_here = to != box_of.end();
      if (is_leaf(graph.nodes[edge.from])) {
        if (!ends_here || view.boxes[to->second].opens || graph.nodes[edge.to].name == "gradient")
          continue; // a gradient reads every parameter
        const auto [leaf, is_new] = leaves.try_emplace({edge.from, to->second}, view.boxes.size());
        if (is_new)
          view.boxes.push_back(box(edge.from));
        arrows[{leaf->second, to->second}].push_back(&edge);
        continue;
      }
      if (!starts_here && !ends_here)
        continue;
      const std::size_t source = starts_here ? from->second : neighbour(edge.from, true);
      const std::size_t target = ends_here ? to->second : neighbour(edge.to, false);
      if (source != target)
        arrows[{source, target}].push_back(&edge);
    }
    for (const auto &[ends, edges] : arrows) {
      Arrow arrow;
      arrow.from = ends.first;
      arrow.to = ends.second;
      const bool is_leaf_arrow = view.boxes[ends.first].nodes.size() == 1 &&
                                 is_leaf(graph.nodes[view.boxes[ends.first].nodes.front()]);
      if (arrows.size() <= kMostLabelled && !is_leaf_arrow)
        arrow.label =
            edges.size() == 1 ? edges.front()->type : fmt::format("{} tensors", edges.size());
      view.arrows.push_back(std::move(arrow));
    }
  }

  const Graph &graph;
  std::vector<std::function<std::string(std::size_t)>> keys; // coarse to fine
  std::vector<View> views;
};

} // namespace

std::vector<View> make_views(const Graph &graph, const Groups &groups, Grouping grouping) {
  return ViewBuilder(graph, groups, grouping).build();
}

} // namespace heddle::page
