#include "Kernels.h"
#include "Timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace heddle::cli {

bool is_product(const Launch &launch) {
  return launch.kernel == "contraction" || launch.kernel.starts_with("matmul_");
}

void add(page::KernelRow &row, const std::vector<Launch> &launches, std::size_t index,
         const timing::Limits &limits) {
  const Launch &launch = launches[index];
  row.launches.push_back(index);
  row.seconds += launch.seconds;
  row.least_seconds += timing::least_seconds(launch, limits);
  row.bytes += static_cast<double>(launch.bytes);
  row.ops += static_cast<double>(launch.ops);
}

std::vector<page::KernelRow> make_rows(const std::vector<Launch> &launches,
                                       const timing::Limits &limits) {
  std::map<std::pair<std::string, std::string>, page::KernelRow> by_name;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    const Launch &launch = launches[i];
    // Matrix products of one line may differ in size: the work tells them apart.
    const std::string kernel =
        is_product(launch)
            ? fmt::format("{} of {:.3g} Mop", launch.kernel, static_cast<double>(launch.ops) / 1e6)
            : launch.kernel;
    page::KernelRow &row = by_name[{kernel, launch.where}];
    row.kernel = kernel;
    row.where = launch.where;
    add(row, launches, i, limits);
  }
  std::vector<page::KernelRow> rows;
  for (auto &[name, row] : by_name)
    rows.push_back(row);
  std::ranges::stable_sort(rows, std::ranges::greater{}, [](const page::KernelRow &row) {
    return std::tuple(row.seconds, row.bytes);
  });
  return rows;
}

std::vector<Launch> median_launches(Executable &executable, const std::string &function,
                                    const ProfileOptions &options) {
  timing::Call call(executable, function);
  for (int i = 0; i < options.warmup; ++i)
    call.run(executable);
  std::vector<std::vector<Launch>> calls;
  for (int i = 0; i < options.calls; ++i)
    calls.push_back(call.profile(executable));
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

} // namespace heddle::cli
