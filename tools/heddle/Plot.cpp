// heddle plot: the curves of training runs.
#include "Commands.h"

#include <Picture.h>

#include <fmt/format.h>

namespace heddle::cli {

void plot(const PlotOptions &options) {
  heddle::plot::checkPicturePath(options.output);
  const std::vector<std::string> names = heddle::plot::run_names(options.runs);
  std::vector<heddle::plot::RunLog> runs;
  for (std::size_t i = 0; i < names.size(); ++i)
    runs.push_back({names[i], training::read_log(options.runs[i])});
  const heddle::plot::Figure figure = heddle::plot::run_curves(runs, options.curves);
  heddle::plot::save(figure, options.output);
  fmt::print("{}: {} line{}\n", options.output, figure.series.size(),
             figure.series.size() == 1 ? "" : "s");
}

} // namespace heddle::cli
