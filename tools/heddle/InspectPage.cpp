// heddle inspect --html: what became of a model, as a page for a browser.
#include "Describe.h"
#include "Kernels.h"
#include "ManifestFile.h"

#include "runtime/AtomicFile.h"
#include "runtime/Error.h"
#include "runtime/Manifest.h"

#include <heddle/model.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <limits>

namespace heddle::cli {
namespace {

namespace fs = std::filesystem;

page::Contents from_manifest(const std::string &text, const std::string &file) {
  const runtime::Manifest manifest = runtime::parseManifest(text.c_str());
  page::Contents contents;
  contents.model = manifest.model;
  contents.compiler = manifest.compiler;
  contents.file = fs::path(file).filename().string();
  for (const runtime::StateSpec &tensor : manifest.tensors)
    contents.state.push_back({tensor.name, role_name(tensor.role), describe(tensor),
                              static_cast<std::int64_t>(tensor.bytes)});
  for (const runtime::FunctionSpec &function : manifest.functions) {
    page::PageFunction &made = contents.functions.emplace_back();
    made.inspected.name = function.name;
    made.inspected.arena_bytes = static_cast<std::int64_t>(function.arenaBytes);
    made.signature = signature(function);
  }
  return contents;
}

std::vector<Launch> untimed(const std::vector<PlannedLaunch> &planned) {
  std::vector<Launch> launches;
  for (const PlannedLaunch &launch : planned)
    launches.push_back({.kernel = launch.kernel,
                        .where = launch.where.file.empty()
                                     ? ""
                                     : fmt::format("{}:{}", launch.where.file, launch.where.line),
                        .product = {},
                        .bytes = launch.bytes,
                        .ops = launch.ops,
                        .seconds = 0});
  return launches;
}

void profile(page::Contents &contents, Executable &executable, const ProfileOptions &options) {
  const timing::Limits limits = timing::measure_limits();
  for (page::PageFunction &function : contents.functions) {
    const std::vector<Launch> launches =
        median_launches(executable, function.inspected.name, options);
    if (launches.size() != function.inspected.launches.size())
      throw Error(fmt::format("function '{}' was planned with {} launches and ran {}; this is a "
                              "fault of the compiler",
                              function.inspected.name, function.inspected.launches.size(),
                              launches.size()));
    function.kernels = make_rows(launches, limits);
    function.times = {limits.flops, limits.bytes, options.calls};
  }
}

// Keeps only the function that was asked for.
void choose(page::Contents &contents, const std::string &name) {
  if (name.empty())
    return;
  std::vector<std::string> names;
  for (const page::PageFunction &function : contents.functions)
    names.push_back(function.inspected.name);
  if (std::ranges::find(names, name) == names.end())
    throw Error(fmt::format("model '{}' has no function '{}'; it has {}", contents.model, name,
                            fmt::join(names, ", ")));
  std::erase_if(contents.functions, [&](const page::PageFunction &function) {
    return function.inspected.name != name;
  });
}

page::Contents from_model(const ModelSource &source, const std::string &sources,
                          const ProfileOptions *profiling) {
  const Model model = Model::read_mlir(source.file);
  CompileOptions options = source.options;
  if (!profiling)
    options.opt_level = 0; // the code is not run
  std::vector<InspectedFunction> inspected = inspect(model, options);
  Executable executable = compile(model, options);
  page::Contents contents = from_manifest(executable.manifest(), source.file);
  contents.has_graphs = true;
  contents.source_folder = sources;
  for (std::size_t i = 0; i < inspected.size(); ++i) {
    page::PageFunction &function = contents.functions.at(i);
    function.inspected = std::move(inspected[i]);
    constexpr double unlimited = std::numeric_limits<double>::infinity();
    function.kernels = make_rows(untimed(function.inspected.launches), {unlimited, unlimited});
  }
  choose(contents, source.function);
  if (profiling) {
    executable.initialize(source.seed);
    if (!source.weights.empty())
      executable.load(source.weights);
    profile(contents, executable, *profiling);
  }
  return contents;
}

page::Contents read(const ModelSource &source, const std::string &sources,
                    const ProfileOptions *profiling) {
  const std::string extension = fs::path(source.file).extension().string();
  if (extension == ".mlir")
    return from_model(source, sources, profiling);
  if (extension != ".so" && extension != ".json")
    throw Error(fmt::format("'{}' is of no kind that --html can show: .mlir, or with less to see "
                            ".json (a manifest), .so",
                            source.file));
  if (profiling)
    throw Error(fmt::format("--profile takes a .mlir file; '{}' does not say which of its kernels "
                            "are which",
                            source.file));
  page::Contents contents = from_manifest(manifest_of(source.file), source.file);
  choose(contents, source.function);
  return contents;
}

} // namespace

void inspect_page(const ModelSource &source, const std::string &output, const std::string &sources,
                  const ProfileOptions *profiling) {
  try {
    if (std::error_code error; !fs::exists(source.file, error))
      throw Error(fmt::format("there is no file '{}'", source.file));
    runtime::AtomicFile file(output.c_str()); // no hours of work for a file that cannot be
    const std::string text = page::make_page(read(source, sources, profiling));
    file.write(text.data(), text.size());
    file.commit();
  } catch (const runtime::Failure &failure) {
    throw Error(failure.message);
  }
}

} // namespace heddle::cli
