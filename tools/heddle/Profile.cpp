// heddle profile: where the time of a function goes.
#include "Kernels.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace heddle::cli {
namespace {

using Row = page::KernelRow;

void print(const Row &row, double total) {
  // How near it comes to what memory or arithmetic allow, whichever is the nearer limit.
  const double share_of_limit = row.seconds > 0 ? row.least_seconds / row.seconds : 0;
  fmt::print("{:>10.3f} {:>6.1f}% {:>8} {:>8.2f} {:>8.2f} {:>6.0f}%  {}  {}\n", row.seconds * 1e3,
             100 * row.seconds / total, row.launches.size(), row.bytes / row.seconds / 1e9,
             row.ops / row.seconds / 1e9, 100 * share_of_limit, row.kernel, row.where);
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
  const std::vector<Launch> launches = median_launches(model.executable, model.function, options);
  if (options.json)
    return print_json(launches, limits);

  Row all, products, kernels;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    add(all, launches, i, limits);
    add(is_product(launches[i]) ? products : kernels, launches, i, limits);
  }
  all.kernel = "all launches";
  products.kernel = "matrix products";
  kernels.kernel = "kernels";
  fmt::print("{}: {} launches; this machine: {:.0f} GFLOP/s, {:.1f} GB/s\n\n", model.function,
             launches.size(), limits.flops / 1e9, limits.bytes / 1e9);
  fmt::print("{:>10} {:>7} {:>8} {:>8} {:>8} {:>7}\n", "ms", "of time", "launches", "GB/s", "Gop/s",
             "of best");
  for (const Row *row : {&all, &products, &kernels})
    if (!row->launches.empty())
      print(*row, all.seconds);
  fmt::print("\n");
  const std::vector<Row> rows = make_rows(launches, limits);
  for (std::size_t i = 0; i < std::min(rows.size(), options.rows); ++i)
    print(rows[i], all.seconds);
  if (rows.size() > options.rows)
    fmt::print("... and {} more; --rows shows them\n", rows.size() - options.rows);
}

} // namespace heddle::cli
