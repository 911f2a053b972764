// Indices that a function's inputs hold, checked before it runs: the kernels read and write where
// they point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heddle::runtime {

class JsonNode;
struct TensorSpec;

// Element (i0, i1, ...) of the use is element offset + sum(i[d] * strides[d]) of the input; it must
// be in [0, limit), or `also`.
struct IndexCheckSpec {
  size_t input = 0;
  int64_t offset = 0;
  std::vector<int64_t> shape, strides;
  int64_t limit = 0;
  std::optional<int64_t> also;
};

// HD_FORMAT_ERROR naming the path: an input that holds no integers, elements beyond its end.
IndexCheckSpec readIndexCheck(const JsonNode &node, const std::vector<TensorSpec> &inputs);

// HD_INVALID_ARGUMENT naming function, input, element and value. `data` is aligned to its elements.
void checkIndices(const IndexCheckSpec &check, const std::string &function, const TensorSpec &input,
                  const void *data);

} // namespace heddle::runtime
