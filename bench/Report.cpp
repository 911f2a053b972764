#include "Report.h"

#include "BarChart.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace bench {
namespace {

using heddle::timing::Limits;

double megabytes(std::size_t bytes) { return static_cast<double>(bytes) / 1e6; }

std::string machine(const Limits &limits) {
  return fmt::format("this machine, measured: {:.0f} GFLOP/s, {:.1f} GB/s; {} thread{}",
                     limits.flops / 1e9, limits.bytes / 1e9, threads(), threads() == 1 ? "" : "s");
}

// Three digits, in the case's unit.
std::string time_text(double seconds, const std::string &unit) {
  const double time = seconds * units_a_second(unit);
  return fmt::format("{:.{}f} {}", time, time < 10 ? 2 : time < 100 ? 1 : 0, unit);
}

double ratio(const Result &result, const Peer &peer) {
  return result.median_seconds / peer.median_seconds;
}

heddle::plot::Bar ratio_bar(const Measured &measured, const Peers &peers) {
  const Peer *best = best_peer(peers, measured.benchmark.name);
  if (!best)
    return {std::numeric_limits<double>::quiet_NaN(), "no peer"};
  const double value = ratio(measured.result, *best);
  return {value, fmt::format("{:.2f}  {}", value, best->name)};
}

heddle::plot::Bar share_bar(const Measured &measured) {
  return {100 * measured.result.share,
          fmt::format("{:.0f} %  {}", 100 * measured.result.share,
                      time_text(measured.result.median_seconds, measured.benchmark.unit))};
}

} // namespace

std::string heading(const Limits &limits) {
  return fmt::format("{}\n{:<34} {:>10} {:>9} {:>9} {:>11} {:>11}   {}", machine(limits), "case",
                     "median", "of limit", "compile", "arena", "peak memory", "of the best peer");
}

std::string describe(const Measured &measured, const Peers &peers) {
  const auto &[benchmark, result] = measured;
  std::string row = fmt::format("{:<34} {:>10} {:>7.0f} % {:>7.2f} s {:>8.1f} MB {:>8.1f} MB",
                                benchmark.name, time_text(result.median_seconds, benchmark.unit),
                                100 * result.share, result.compile_seconds,
                                megabytes(result.arena_bytes), megabytes(result.peak_bytes));
  if (const Peer *best = best_peer(peers, benchmark.name))
    row += fmt::format("   {:.2f} x {} ({})", ratio(result, *best), best->name,
                       time_text(best->median_seconds, benchmark.unit));
  return row;
}

std::string json_lines(const Measured &measured, const Peers &peers, const Limits &limits) {
  const auto &[benchmark, result] = measured;
  const double scale = units_a_second(benchmark.unit);
  nlohmann::json call = {{"case", benchmark.name},
                         {"peer", "heddle"},
                         {"median", scale * result.median_seconds},
                         {"min", scale * result.min_seconds},
                         {"unit", benchmark.unit},
                         {"threads", threads()},
                         {"calls", result.calls},
                         {"share_of_limit", result.share},
                         {"limit_flops", limits.flops},
                         {"limit_bytes", limits.bytes},
                         {"compile_seconds", result.compile_seconds},
                         {"arena_bytes", result.arena_bytes},
                         {"peak_bytes", result.peak_bytes}};
  const auto [first, last] = peers.equal_range(benchmark.name);
  for (auto at = first; at != last; ++at)
    call["peers"].push_back({{"peer", at->second.name},
                             {"median", scale * at->second.median_seconds},
                             {"ratio", ratio(result, at->second)}});
  if (const Peer *best = best_peer(peers, benchmark.name))
    call["best_peer"] = best->name;
  const nlohmann::json compile = {{"case", benchmark.name + "/compile_seconds"},
                                  {"peer", "heddle"},
                                  {"median", result.compile_seconds},
                                  {"unit", "s"}};
  return call.dump() + "\n" + compile.dump() + "\n";
}

void draw(const std::vector<Measured> &all, const Peers &peers, const Limits &limits,
          const std::filesystem::path &path) {
  heddle::plot::BarPanel ratios{"time / time of the best peer (less is better)", 1, 2, {}},
      shares{"% of what the machine can do (more is better)", 100, 150, {}};
  heddle::plot::BarChart chart{
      "Heddle's benchmarks",
      machine(limits) + "; above 100 %: from the cache, or a lookup in a table that counts whole",
      {},
      {}};
  bool any = false;
  for (const Measured &measured : all) {
    chart.rows.push_back(measured.benchmark.name);
    ratios.bars.push_back(ratio_bar(measured, peers));
    shares.bars.push_back(share_bar(measured));
    any = any || best_peer(peers, measured.benchmark.name);
  }
  if (any)
    chart.panels.push_back(ratios);
  chart.panels.push_back(shares);
  heddle::plot::save(chart, path);
}

} // namespace bench
