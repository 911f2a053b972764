#include "Groups.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>

namespace heddle::page {
namespace {

using Kind = GraphNode::Kind;

// For each node, the nodes that it reads.
std::vector<std::vector<std::size_t>> operands(const Graph &graph) {
  std::vector<std::vector<std::size_t>> result(graph.nodes.size());
  for (const GraphEdge &edge : graph.edges)
    result[edge.to].push_back(edge.from);
  return result;
}

std::vector<bool> needed_for_outputs(const Graph &graph) {
  const auto reads = operands(graph);
  std::vector<bool> needed(graph.nodes.size());
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    if (graph.nodes[i].kind == Kind::output)
      needed[i] = true;
    if (needed[i])
      for (const std::size_t from : reads[i])
        needed[from] = true;
  }
  return needed;
}

std::string module_of(const std::string &tensor) {
  const std::size_t dot = tensor.rfind('.');
  return dot == std::string::npos ? tensor : tensor.substr(0, dot);
}

std::string layer_of(const std::string &module) {
  for (std::size_t begin = 0; begin < module.size();) {
    const std::size_t end = std::min(module.find('.', begin), module.size());
    if (end > begin && std::all_of(module.begin() + static_cast<std::ptrdiff_t>(begin),
                                   module.begin() + static_cast<std::ptrdiff_t>(end),
                                   [](unsigned char c) { return std::isdigit(c) != 0; }))
      return module.substr(0, end);
    begin = end + 1;
  }
  return module;
}

std::string line_of(const GraphNode &node) {
  if (node.where.empty())
    return "";
  const SourceLine &line = node.where.front();
  return std::filesystem::path(line.file).filename().string() + ":" + std::to_string(line.line);
}

// Optimiser state is named after a parameter: "adamw.m.h.0.ln_1.weight".
std::string parameter_of(const std::string &state, const std::vector<std::string> &parameters) {
  for (const std::string &parameter : parameters)
    if (state == parameter || state.ends_with("." + parameter))
      return parameter;
  return "";
}

std::vector<std::string> modules(const Graph &graph) {
  std::vector<std::string> parameters;
  for (const GraphNode &node : graph.nodes)
    if (node.role == "parameter")
      parameters.push_back(node.name);
  // The longest first: "a.b" ends with "b".
  std::ranges::stable_sort(parameters, std::ranges::greater{}, &std::string::size);
  const auto reads = operands(graph);
  std::vector<std::string> result(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode &node = graph.nodes[i];
    if (node.kind == Kind::state || node.kind == Kind::update) {
      const std::string owner =
          node.role == "buffer" ? node.name : parameter_of(node.name, parameters);
      result[i] = owner.empty() ? "" : module_of(owner);
      continue;
    }
    if (node.name == "gradient")
      continue;
    std::size_t last = 0;
    bool found = false;
    for (const std::size_t from : reads[i]) {
      const bool is_state = graph.nodes[from].kind == Kind::state;
      if (result[from].empty())
        continue;
      if (is_state) {
        result[i] = result[from];
        found = false;
        break;
      }
      last = std::max(last, from);
      found = true;
    }
    if (found)
      result[i] = result[last];
  }
  // What is left belongs to its readers, where they agree.
  std::vector<std::optional<std::string>> readers(graph.nodes.size());
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    if (result[i].empty() && readers[i] && graph.nodes[i].name != "gradient")
      result[i] = *readers[i];
    for (const std::size_t from : reads[i])
      if (!readers[from])
        readers[from] = result[i];
      else if (*readers[from] != result[i])
        readers[from] = "";
  }
  return result;
}

void finish(Groups &groups, const Graph &graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    groups.layer.push_back(layer_of(groups.module[i]));
    groups.line.push_back(line_of(graph.nodes[i]));
  }
}

} // namespace

Groups group_traced(const Graph &traced) {
  Groups groups;
  groups.module = modules(traced);
  const std::vector<bool> forward = needed_for_outputs(traced);
  for (std::size_t i = 0; i < traced.nodes.size(); ++i)
    groups.phase.push_back(traced.nodes[i].name == "gradient" ? "backward"
                           : forward[i]                       ? "forward"
                                                              : "update");
  finish(groups, traced);
  return groups;
}

Groups group_fused(const Graph &fused, const Graph &traced, const Groups &of_traced) {
  Groups groups;
  const std::vector<bool> forward = needed_for_outputs(fused);
  std::map<std::string, std::string> of_state;
  for (std::size_t i = 0; i < traced.nodes.size(); ++i)
    if (traced.nodes[i].kind == Kind::state)
      of_state[traced.nodes[i].name] = of_traced.module[i];
  for (std::size_t i = 0; i < fused.nodes.size(); ++i) {
    const GraphNode &node = fused.nodes[i];
    std::map<std::string, int> votes;
    bool updates = node.kind == Kind::update;
    for (const std::size_t origin : node.origins) {
      updates = updates || of_traced.phase[origin] == "update";
      if (!of_traced.module[origin].empty())
        ++votes[of_traced.module[origin]];
    }
    groups.phase.push_back(forward[i] ? "forward" : updates ? "update" : "backward");
    if (const auto state = of_state.find(node.name);
        state != of_state.end() && (node.kind == Kind::state || node.kind == Kind::update))
      groups.module.push_back(state->second);
    else if (votes.empty())
      groups.module.emplace_back();
    else
      groups.module.push_back(
          std::ranges::max_element(votes, {}, [](const auto &vote) { return vote.second; })->first);
  }
  finish(groups, fused);
  return groups;
}

} // namespace heddle::page
