#include "heddle/plugin.h"

#include "Plugin.h"
#include "Trace.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

#include <filesystem>

using namespace mlir;

namespace heddle {

// Of the process, as are MLIR's registry of passes and the libraries themselves.
static DialectRegistry &registry() {
  static DialectRegistry dialects;
  return dialects;
}
const DialectRegistry &pluginDialects() { return registry(); }

void load_plugin(const std::string &path, std::source_location where) {
  std::error_code missing;
  const std::filesystem::path file = std::filesystem::canonical(path, missing);
  if (missing)
    fail(where, "cannot load the plugin '{}': {}", path, missing.message());
  static std::set<std::filesystem::path> loaded;
  if (loaded.contains(file))
    return;
  llvm::Expected<PassPlugin> passes = PassPlugin::load(file.string());
  llvm::Expected<DialectPlugin> dialects = DialectPlugin::load(file.string());
  if (passes)
    passes->registerPassRegistryCallbacks();
  if (dialects)
    dialects->registerDialectRegistryCallbacks(registry());
  const bool isPlugin = passes || dialects;
  const std::string why = llvm::toString(passes.takeError());
  llvm::consumeError(dialects.takeError());
  if (!isPlugin)
    fail(
        where,
        "'{}' is no plugin that can be loaded: {}. A plugin is made with heddle_plugin() in CMake, "
        "and the program that loads it exports its symbols (ENABLE_EXPORTS)",
        path, why);
  loaded.insert(file);
}

} // namespace heddle
