#include "IndexCheck.h"

#include "DType.h"
#include "Error.h"
#include "JsonReader.h"
#include "Manifest.h"

#include <fmt/format.h>

namespace heddle::runtime {
namespace {

constexpr size_t kMaxRank = 16;

// The number of the last element used; elements ascend, as strides are not negative.
std::optional<int64_t> lastElement(const IndexCheckSpec &check) {
  int64_t last = check.offset;
  for (size_t d = 0; d < check.shape.size(); ++d) {
    int64_t reach = 0;
    if (__builtin_mul_overflow(check.shape[d] - 1, check.strides[d], &reach) ||
        __builtin_add_overflow(last, reach, &last))
      return std::nullopt;
  }
  return last;
}

// "[3, 5]": where element number `element` is in a dense array of `shape`.
std::string positionText(int64_t element, const std::vector<int64_t> &shape) {
  std::vector<int64_t> position(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    position[d] = element % shape[d];
    element /= shape[d];
  }
  return formatShape(position);
}

template <typename Integer> class ElementCheck {
public:
  ElementCheck(const IndexCheckSpec &check, const std::string &function, const TensorSpec &input,
               const Integer *data)
      : check(check), function(function), input(input), data(data) {}

  // Dimensions from `dimension` on, starting at an element of the input.
  void walk(size_t dimension, int64_t element) const {
    if (dimension == check.shape.size())
      return checkElement(element);
    for (int64_t i = 0; i < check.shape[dimension]; ++i)
      walk(dimension + 1, element + i * check.strides[dimension]);
  }

private:
  void checkElement(int64_t element) const {
    const int64_t value = data[element];
    if ((value >= 0 && value < check.limit) || check.also == value)
      return;
    fail(HD_INVALID_ARGUMENT,
         "function '{}': input {} '{}' holds {} at {}; expected an index in [0, {}){}", function,
         check.input, input.name, value, positionText(element, input.shape), check.limit,
         check.also ? fmt::format(", or {}", *check.also) : "");
  }

  const IndexCheckSpec &check;
  const std::string &function;
  const TensorSpec &input;
  const Integer *data;
};

} // namespace

IndexCheckSpec readIndexCheck(const JsonNode &node, const std::vector<TensorSpec> &inputs) {
  IndexCheckSpec check;
  const JsonNode number = node.field("input");
  check.input = static_cast<size_t>(number.integer(0));
  if (check.input >= inputs.size())
    number.fail(fmt::format("index {} is out of range: the function has {} inputs", check.input,
                            inputs.size()));
  const TensorSpec &input = inputs[check.input];
  if (input.dtype != HD_I32 && input.dtype != HD_I64)
    number.fail(fmt::format("indices are i32 or i64, and input '{}' is {}", input.name,
                            hd_dtype_name(input.dtype)));
  check.offset = node.field("offset").integer(0);
  for (const JsonNode &size : node.field("shape").items())
    check.shape.push_back(size.integer(1));
  for (const JsonNode &stride : node.field("strides").items())
    check.strides.push_back(stride.integer(0));
  if (check.shape.size() != check.strides.size() || check.shape.size() > kMaxRank)
    node.fail(fmt::format("expected a stride for each of at most {} dimensions, got {} for {}",
                          kMaxRank, check.strides.size(), check.shape.size()));
  const auto last = lastElement(check);
  if (!last || *last >= input.elements)
    node.fail(
        fmt::format("reaches beyond the {} elements of input '{}'", input.elements, input.name));
  check.limit = node.field("limit").integer(0);
  if (auto also = node.find("also"))
    check.also = also->integer(INT64_MIN);
  return check;
}

void checkIndices(const IndexCheckSpec &check, const std::string &function, const TensorSpec &input,
                  const void *data) {
  if (input.dtype == HD_I32)
    ElementCheck(check, function, input, static_cast<const int32_t *>(data)).walk(0, check.offset);
  else
    ElementCheck(check, function, input, static_cast<const int64_t *>(data)).walk(0, check.offset);
}

} // namespace heddle::runtime
