// Ops and passes from outside of Heddle: shared libraries that heddle_plugin() in CMake makes.
// docs/tutorials/add-an-op.md and write-a-pass.md show how.
#pragma once

#include <heddle/tensor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace heddle {

/// Loads a plugin. Its ops are there for models that are made afterwards, its passes for
/// CompileOptions::passes. To load it twice does nothing more. The program has to export its
/// symbols (ENABLE_EXPORTS in CMake), as the plugin uses the Heddle that is in it.
void load_plugin(const std::string &path,
                 std::source_location where = std::source_location::current());

/// An attribute of an op. Numbers become what MLIR calls i64 and f64, vectors array<i64: ...>.
using OpAttribute =
    std::pair<std::string,
              std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>>>;

/// Applies any op by its name, as "heddle.tanh" or that of a plugin, and returns its results. Their
/// types follow from the operands and attributes; what does not fit throws Error with what the op's
/// verifier says, at `where`: give it the line of an operand, which is the user's.
std::vector<Tensor> apply_op(std::string_view name, const std::vector<Operand> &operands,
                             const std::vector<OpAttribute> &attributes = {},
                             std::source_location where = std::source_location::current());

} // namespace heddle
