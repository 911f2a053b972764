// heddle profile: where the time of a function goes.
#include "Commands.h"
#include "Limits.h"
#include "Timing.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace heddle::cli {
namespace {

// Launches of one kernel from one line: the layers of a model.
struct Row {
  std::string kernel, where;
  std::size_t launches = 0;
  double seconds = 0, least_seconds = 0, bytes = 0, ops = 0;

  void add(const Launch &launch, const timing::Limits &limits) {
    ++launches;
    seconds += launch.seconds;
    least_seconds += timing::least_seconds(launch, limits);
    bytes += static_cast<double>(launch.bytes);
    ops += static_cast<double>(launch.ops);
  }
  // How near it comes to what memory or arithmetic allow, whichever is the nearer limit.
  double share_of_limit() const { return seconds > 0 ? least_seconds / seconds : 0; }
};

// The median over the calls of each launch.
std::vector<Launch> median_launches(ReadyModel &model, const ProfileOptions &options) {
  timing::Call call(model.executable, model.function);
  for (int i = 0; i < options.warmup; ++i)
    call.run(model.executable);
  std::vector<std::vector<Launch>> calls;
  for (int i = 0; i < options.calls; ++i)
    calls.push_back(call.profile(model.executable));
  std::vector<Launch> result = calls.front();
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::vector<double> times;
    for (const std::vector<Launch> &launches : calls)
      times.push_back(launches[i].seconds);
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
    result[i].seconds = times[times.size() / 2];
  }
  return result;
}

// A matrix product, by the library or by a kernel.
bool is_product(const Launch &launch) {
  return launch.kernel == "contraction" || launch.kernel.starts_with("matmul_");
}

std::vector<Row> make_rows(const std::vector<Launch> &launches, const timing::Limits &limits) {
  std::map<std::pair<std::string, std::string>, Row> by_name;
  for (const Launch &launch : launches) {
    // Matrix products of one line may differ in size: the work tells them apart.
    const std::string kernel =
        is_product(launch)
            ? fmt::format("{} of {:.3g} Mop", launch.kernel, static_cast<double>(launch.ops) / 1e6)
            : launch.kernel;
    Row &row = by_name[{kernel, launch.where}];
    row.kernel = kernel;
    row.where = launch.where;
    row.add(launch, limits);
  }
  std::vector<Row> rows;
  for (auto &[name, row] : by_name)
    rows.push_back(row);
  std::ranges::sort(rows, std::ranges::greater{}, &Row::seconds);
  return rows;
}

void print(const Row &row, double total) {
  fmt::print("{:>10.3f} {:>6.1f}% {:>8} {:>8.2f} {:>8.2f} {:>6.0f}%  {}  {}\n", row.seconds * 1e3,
             100 * row.seconds / total, row.launches, row.bytes / row.seconds / 1e9,
             row.ops / row.seconds / 1e9, 100 * row.share_of_limit(), row.kernel, row.where);
}

void print_json(const std::vector<Launch> &launches, const timing::Limits &limits) {
  nlohmann::json list = nlohmann::json::array();
  for (const Launch &launch : launches)
    list.push_back({{"kernel", launch.kernel},
                    {"where", launch.where},
                    {"bytes", launch.bytes},
                    {"ops", launch.ops},
                    {"seconds", launch.seconds}});
  fmt::print("{}\n", nlohmann::json{{"limit_flops", limits.flops},
                                    {"limit_bytes", limits.bytes},
                                    {"launches", std::move(list)}}
                         .dump());
}

} // namespace

void profile(const ModelSource &source, const ProfileOptions &options) {
  ReadyModel model = make_ready(source);
  const timing::Limits limits = timing::measure_limits();
  const std::vector<Launch> launches = median_launches(model, options);
  if (options.json)
    return print_json(launches, limits);

  Row all, products, kernels;
  for (const Launch &launch : launches) {
    all.add(launch, limits);
    (is_product(launch) ? products : kernels).add(launch, limits);
  }
  all.kernel = "all launches";
  products.kernel = "matrix products";
  kernels.kernel = "kernels";
  fmt::print("{}: {} launches; this machine: {:.0f} GFLOP/s, {:.1f} GB/s\n\n", model.function,
             launches.size(), limits.flops / 1e9, limits.bytes / 1e9);
  fmt::print("{:>10} {:>7} {:>8} {:>8} {:>8} {:>7}\n", "ms", "of time", "launches", "GB/s", "Gop/s",
             "of best");
  for (const Row *row : {&all, &products, &kernels})
    if (row->launches > 0)
      print(*row, all.seconds);
  fmt::print("\n");
  const std::vector<Row> rows = make_rows(launches, limits);
  for (std::size_t i = 0; i < std::min(rows.size(), options.rows); ++i)
    print(rows[i], all.seconds);
  if (rows.size() > options.rows)
    fmt::print("... and {} more; --rows shows them\n", rows.size() - options.rows);
}

} // namespace heddle::cli
