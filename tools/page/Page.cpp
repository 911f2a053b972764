#include "Page.h"

#include "Graphviz.h"
#include "PageFiles.h"
#include "SourceText.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <map>
#include <set>

namespace heddle::page {
namespace {

using nlohmann::json;

const char *kind_name(GraphNode::Kind kind) {
  static constexpr std::array names{"input", "state",  "constant", "op",
                                    "view",  "fusion", "output",   "update"};
  return names.at(static_cast<std::size_t>(kind));
}

json rounded(double pixels) { return std::round(pixels * 10) / 10; }

// Lines of the source, by number: the page's data name each file once.
class Lines {
public:
  json number(const SourceLine &line) {
    if (line.file.empty())
      return nullptr;
    const std::string key = line.file + ":" + std::to_string(line.line);
    const auto [entry, is_new] = known.try_emplace(key, list.size());
    if (is_new)
      list.push_back(line);
    return entry->second;
  }
  json numbers(const std::vector<SourceLine> &lines) {
    json result = json::array();
    for (const SourceLine &line : lines)
      result.push_back(number(line));
    return result;
  }
  json lines() const {
    json result = json::array();
    for (const SourceLine &line : list)
      result.push_back({{"file", line.file}, {"line", line.line}});
    return result;
  }
  // Each file with what is shown of it.
  json files(const std::string &folder) const {
    std::map<std::string, std::set<unsigned>> wanted;
    for (const SourceLine &line : list)
      wanted[line.file].insert(line.line);
    json result = json::array();
    for (const auto &[file, numbers] : wanted) {
      const SourceExcerpt excerpt = read_excerpt(file, folder, numbers);
      json shown = json::array();
      for (const auto &[number, text] : excerpt.lines)
        shown.push_back({{"line", number}, {"text", text}});
      result.push_back({{"file", file}, {"missing", excerpt.missing}, {"lines", std::move(shown)}});
    }
    return result;
  }

private:
  std::map<std::string, std::size_t> known;
  std::vector<SourceLine> list;
};

json node(const GraphNode &node, const Groups &groups, std::size_t index, Lines &lines) {
  json result{{"kind", kind_name(node.kind)},
              {"name", node.name},
              {"type", node.type},
              {"bytes", node.bytes},
              {"module", groups.module[index]},
              {"phase", groups.phase[index]},
              {"lines", lines.numbers(node.where)}};
  if (!node.role.empty())
    result["role"] = node.role;
  if (!node.attributes.empty())
    result["attributes"] = node.attributes;
  if (!node.origins.empty())
    result["origins"] = node.origins;
  for (const GraphNode::Part &part : node.parts)
    result["parts"].push_back(
        {{"op", part.op}, {"type", part.type}, {"line", lines.number(part.where)}});
  return result;
}

json view(const View &view) {
  json boxes = json::array(), arrows = json::array();
  for (const Box &box : view.boxes) {
    json made{{"nodes", box.nodes},           {"title", box.title},  {"subtitle", box.subtitle},
              {"x", rounded(box.x)},          {"y", rounded(box.y)}, {"width", rounded(box.width)},
              {"height", rounded(box.height)}};
    if (box.opens)
      made["opens"] = *box.opens;
    if (box.outside)
      made["outside"] = true;
    boxes.push_back(std::move(made));
  }
  for (const Arrow &arrow : view.arrows) {
    json points = json::array();
    for (const double point : arrow.points)
      points.push_back(rounded(point));
    json made{{"from", arrow.from}, {"to", arrow.to}, {"points", std::move(points)}};
    if (!arrow.label.empty()) {
      made["label"] = arrow.label;
      made["at"] = {rounded(arrow.label_x), rounded(arrow.label_y)};
    }
    arrows.push_back(std::move(made));
  }
  json result{{"title", view.title},
              {"width", rounded(view.width)},
              {"height", rounded(view.height)},
              {"boxes", std::move(boxes)},
              {"arrows", std::move(arrows)}};
  if (view.parent)
    result["parent"] = *view.parent;
  return result;
}

json views(const std::vector<View> &list) {
  json result = json::array();
  for (const View &one : list)
    result.push_back(view(one));
  return result;
}

struct DrawnGraph {
  const Graph &graph;
  Groups groups;
  std::vector<View> by_layer, by_line;

  DrawnGraph(const Graph &graph, Groups grouped)
      : graph(graph), groups(std::move(grouped)),
        by_layer(make_views(graph, groups, Grouping::by_layer)),
        by_line(make_views(graph, groups, Grouping::by_line)) {}

  json data(Lines &lines) const {
    json nodes = json::array(), edges = json::array();
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
      nodes.push_back(node(graph.nodes[i], groups, i, lines));
    for (const GraphEdge &edge : graph.edges)
      edges.push_back({edge.from, edge.to});
    return {{"nodes", std::move(nodes)},
            {"edges", std::move(edges)},
            {"by_layer", views(by_layer)},
            {"by_line", views(by_line)}};
  }
};

struct DrawnFunction {
  DrawnGraph traced, fused;

  explicit DrawnFunction(const InspectedFunction &function)
      : traced(function.traced, group_traced(function.traced)),
        fused(function.fused, group_fused(function.fused, function.traced, traced.groups)) {}
};

json plan(const InspectedFunction &function, Lines &lines) {
  json launches = json::array(), buffers = json::array();
  for (const PlannedLaunch &launch : function.launches) {
    json made{{"kernel", launch.kernel},
              {"line", lines.number(launch.where)},
              {"bytes", launch.bytes},
              {"ops", launch.ops}};
    made["nodes"] = launch.nodes;
    launches.push_back(std::move(made));
  }
  for (const PlannedBuffer &buffer : function.buffers)
    buffers.push_back(
        {{"offset", buffer.offset}, {"bytes", buffer.bytes}, {"launches", buffer.launches}});
  return {{"launches", std::move(launches)}, {"buffers", std::move(buffers)}};
}

json kernels(const std::vector<KernelRow> &rows) {
  json result = json::array();
  for (const KernelRow &row : rows)
    result.push_back({{"kernel", row.kernel},
                      {"launches", row.launches},
                      {"seconds", row.seconds},
                      {"least_seconds", row.least_seconds},
                      {"bytes", row.bytes},
                      {"ops", row.ops}});
  return result;
}

json all_data(const Contents &contents) {
  std::vector<DrawnFunction> drawn;
  drawn.reserve(contents.functions.size());
  std::vector<View *> to_place;
  if (contents.has_graphs)
    for (const PageFunction &function : contents.functions) {
      DrawnFunction &made = drawn.emplace_back(function.inspected);
      for (auto *list :
           {&made.traced.by_layer, &made.traced.by_line, &made.fused.by_layer, &made.fused.by_line})
        for (View &view : *list)
          to_place.push_back(&view);
    }
  if (!to_place.empty())
    lay_out(to_place);

  Lines lines;
  json functions = json::array();
  for (std::size_t i = 0; i < contents.functions.size(); ++i) {
    const PageFunction &function = contents.functions[i];
    json made = plan(function.inspected, lines);
    made["name"] = function.inspected.name;
    made["signature"] = function.signature;
    made["arena_bytes"] = function.inspected.arena_bytes;
    made["kernels"] = kernels(function.kernels);
    if (function.times)
      made["times"] = {{"limit_flops", function.times->limit_flops},
                       {"limit_bytes", function.times->limit_bytes},
                       {"calls", function.times->calls}};
    if (contents.has_graphs) {
      made["traced"] = drawn[i].traced.data(lines);
      made["fused"] = drawn[i].fused.data(lines);
    }
    functions.push_back(std::move(made));
  }
  json state = json::array();
  for (const State &tensor : contents.state)
    state.push_back({{"name", tensor.name},
                     {"role", tensor.role},
                     {"type", tensor.type},
                     {"bytes", tensor.bytes}});
  json data{{"model", contents.model},   {"compiler", contents.compiler},
            {"file", contents.file},     {"has_graphs", contents.has_graphs},
            {"state", std::move(state)}, {"functions", std::move(functions)}};
  data["lines"] = lines.lines();
  data["files"] = lines.files(contents.source_folder);
  return data;
}

// Inside of a script element only `<` could end or change it.
std::string for_script(const json &data) {
  std::string text;
  for (const char c : data.dump(-1, ' ', false, json::error_handler_t::replace))
    text += c == '<' ? "\\u003c" : std::string(1, c);
  return text;
}

} // namespace

std::string make_page(const Contents &contents) {
  const std::string data = for_script(all_data(contents));
  const std::string_view mark = "@data@";
  const std::string_view page = kPageTemplate;
  const std::size_t at = page.find(mark);
  return std::string(page.substr(0, at)) + data + std::string(page.substr(at + mark.size()));
}

} // namespace heddle::page
