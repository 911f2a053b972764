// What a manifest says of a compiled model, as text for people.
#pragma once

#include <string>

namespace heddle {

namespace runtime {
struct TensorSpec;
struct FunctionSpec;
enum class Role;
} // namespace runtime

/// Functions with their inputs and outputs, tensors, memory, and the processor that it was compiled
/// for. Throws runtime::Failure for a text that is no manifest.
std::string describe_manifest(const std::string &manifest);

/// "train(image f32 [64, 784], label i32 [64]) -> (loss f32 [])"
std::string signature(const runtime::FunctionSpec &function);
/// "image f32 [64, 784]"
std::string describe(const runtime::TensorSpec &tensor);
const char *role_name(runtime::Role role);

/// "1.20 MB"
std::string bytes_text(std::size_t bytes);

} // namespace heddle
