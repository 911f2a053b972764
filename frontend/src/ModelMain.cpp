#include "heddle/compile.h"

#include "heddle/error.h"
#include "heddle/plugin.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

namespace heddle {

static constexpr const char *kUsage = R"(Compiles the model in this program to a C library.

Usage: {} --output DIR [options]
  --output DIR      where lib<model>.so, lib<model>.a, <model>.h and <model>.json go (made if missing)
  --cpu CPU         an LLVM CPU name, as x86-64-v3 or znver3; default: native, this machine's
  --features LIST   LLVM features to add or drop, as +avx2,-fma
  --tuning FILE     what `heddle tune` wrote: kernels or oneDNN for each product
  --no-pack-parameters
                    parameters lie in row-major order, not in that in which products read them
  --plugin FILE     a plugin of the ops and passes that the model and --before use; may be repeated
  --before P=LIST   runs these passes in front of phase P of the compiler; may be repeated
  --remarks REGEX   says what became one kernel, and what did not and why, of passes whose name matches; . is all
  --mlir FILE       also writes the model in the heddle dialect; works without --output
  --help            this text
)";

int model_main(int argc, char **argv, Model (*make)()) {
  const std::string program =
      std::filesystem::path(argc > 0 ? argv[0] : "model").filename().string();
  std::string output, mlir;
  std::vector<std::string> plugins, before;
  LibraryOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--help" || flag == "-h") {
      std::fputs(fmt::format(kUsage, program).c_str(), stdout);
      return 0;
    }
    if (flag == "--no-pack-parameters") {
      options.pack_parameters = false;
      continue;
    }
    std::string *value = flag == "--output"     ? &output
                         : flag == "--cpu"      ? &options.target.cpu
                         : flag == "--features" ? &options.target.features
                         : flag == "--tuning"   ? &options.tuning
                         : flag == "--remarks"  ? &options.remarks.passes
                         : flag == "--mlir"     ? &mlir
                         : flag == "--plugin"   ? &plugins.emplace_back()
                         : flag == "--before"   ? &before.emplace_back()
                                                : nullptr;
    if (!value || i + 1 >= argc) {
      std::fputs((value ? fmt::format("{}: {} needs a value; see --help\n", program, flag)
                        : fmt::format("{}: unknown argument '{}'; see --help\n", program, flag))
                     .c_str(),
                 stderr);
      return 2;
    }
    *value = argv[++i];
    if (value == &options.remarks.passes)
      options.remarks.report = [](const Remark &remark) {
        std::fputs((to_string(remark) + "\n").c_str(), stderr);
      };
  }
  if (output.empty() && mlir.empty()) {
    std::fputs(fmt::format("{}: nothing to do; give --output DIR (see --help)\n", program).c_str(),
               stderr);
    return 2;
  }
  try {
    for (const std::string &plugin : plugins)
      load_plugin(plugin);
    for (const std::string &passes : before)
      options.passes.push_back(passes_before(passes));
    const Model model = make();
    if (!mlir.empty())
      model.write_mlir(mlir);
    if (!output.empty())
      write_library(model, output, options);
  } catch (const std::exception &error) {
    std::fputs(fmt::format("error: {}\n", error.what()).c_str(), stderr);
    return 1;
  }
  return 0;
}

} // namespace heddle
