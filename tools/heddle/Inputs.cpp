#include "Inputs.h"

#include "Timing.h"

#include <heddle/safetensors.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace heddle::cli {
namespace {

std::vector<std::string> split(const std::string &text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (std::size_t comma; (comma = text.find(',', start)) != std::string::npos; start = comma + 1)
    parts.push_back(text.substr(start, comma - start));
  parts.push_back(text.substr(start));
  return parts;
}

template <class T> T parse(const std::string &text, const TensorInfo &info) {
  T value{};
  const char *end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec != std::errc() || result.ptr != end)
    throw Error(fmt::format("input '{}': '{}' is not a value of dtype {}", info.name, text,
                            name(info.dtype)));
  return value;
}

template <class T>
void parse_all(const std::vector<std::string> &texts, const TensorInfo &info, HostArray &array) {
  auto elements = array.as<T>();
  for (std::size_t i = 0; i < elements.size(); ++i)
    elements[i] = parse<T>(texts.size() == 1 ? texts.front() : texts[i], info);
}

// One value fills the array.
HostArray parse_values(const std::string &text, const TensorInfo &info) {
  HostArray array(info.dtype, info.shape);
  const std::vector<std::string> texts = split(text);
  if (texts.size() != 1 && texts.size() != static_cast<std::size_t>(array.size()))
    throw Error(fmt::format("input {} needs {} values, or one for all; got {}", describe(info),
                            array.size(), texts.size()));
  switch (info.dtype) {
  case DType::f32:
    parse_all<float>(texts, info, array);
    break;
  case DType::f64:
    parse_all<double>(texts, info, array);
    break;
  case DType::i8:
    parse_all<std::int8_t>(texts, info, array);
    break;
  case DType::i32:
    parse_all<std::int32_t>(texts, info, array);
    break;
  case DType::i64:
    parse_all<std::int64_t>(texts, info, array);
    break;
  case DType::i1:
    for (std::size_t i = 0; i < static_cast<std::size_t>(array.size()); ++i) {
      const std::string &value = texts.size() == 1 ? texts.front() : texts[i];
      if (value != "0" && value != "1")
        throw Error(fmt::format("input '{}': '{}' is neither 0 nor 1", info.name, value));
      array.as<bool>()[i] = value == "1";
    }
    break;
  case DType::f16:
  case DType::bf16:
    throw Error(fmt::format("input {} cannot be written as text; give it in a safetensors file",
                            describe(info)));
  }
  return array;
}

class Collector {
public:
  explicit Collector(const ReadyModel &model)
      : model(model), infos(model.executable.inputs(model.function)) {}

  void add(const std::string &name, const std::string &origin, auto make) {
    for (const TensorInfo &info : infos) {
      if (info.name != name)
        continue;
      if (given.count(name))
        throw Error(fmt::format("input '{}' is given twice", name));
      given.emplace(name, make(info));
      return;
    }
    throw Error(fmt::format("{} names '{}', which is no input of function '{}'; it takes {}",
                            origin, name, model.function, signature()));
  }

  std::vector<HostArray> finish(bool random, std::uint64_t seed) {
    std::vector<HostArray> arrays, drawn;
    if (random)
      drawn = timing::random_inputs(model.executable, model.function, seed);
    for (const TensorInfo &info : infos) {
      if (auto found = given.find(info.name); found != given.end())
        arrays.push_back(std::move(found->second));
      else if (random)
        arrays.push_back(std::move(drawn[arrays.size()]));
      else
        throw Error(fmt::format(
            "function '{}' takes {}, and '{}' is not given; use --input {}=VALUES, --inputs FILE "
            "or --random",
            model.function, signature(), info.name, info.name));
    }
    return arrays;
  }

private:
  std::string signature() const {
    std::vector<std::string> parts;
    for (const TensorInfo &info : infos)
      parts.push_back(describe(info));
    return infos.empty() ? "no input" : fmt::format("{}", fmt::join(parts, ", "));
  }

  const ReadyModel &model;
  std::vector<TensorInfo> infos;
  NamedArrays given;
};

} // namespace

std::string describe(const TensorInfo &info) {
  return fmt::format("{} {} {}", info.name, name(info.dtype), info.shape.str());
}

std::vector<HostArray> make_inputs(const ReadyModel &model, const RunOptions &options,
                                   std::uint64_t seed) {
  Collector collector(model);
  for (const std::string &value : options.values) {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos)
      throw Error(fmt::format("--input '{}': expected NAME=VALUE or NAME=VALUE,VALUE,...", value));
    collector.add(value.substr(0, equals), "--input", [&](const TensorInfo &info) {
      return parse_values(value.substr(equals + 1), info);
    });
  }
  if (!options.inputs.empty())
    for (auto &[name, array] : read_safetensors(options.inputs))
      collector.add(name, options.inputs, [&](const TensorInfo &info) {
        if (array.dtype() != info.dtype || array.shape() != info.shape)
          throw Error(fmt::format("{}: input {} is given as {} {}", options.inputs, describe(info),
                                  heddle::name(array.dtype()), array.shape().str()));
        return array;
      });
  return collector.finish(options.random, seed);
}

} // namespace heddle::cli
