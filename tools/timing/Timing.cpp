#include "Timing.h"

#include <algorithm>
#include <cstring>

namespace heddle::timing {

std::vector<HostArray> random_inputs(const Executable &executable, const std::string &function,
                                     std::uint64_t seed) {
  std::vector<HostArray> arrays;
  for (const TensorInfo &input : executable.inputs(function))
    arrays.emplace_back(input.dtype, input.shape);
  const runtime::Manifest manifest = runtime::parseManifest(executable.manifest().c_str());
  const auto spec = std::ranges::find(manifest.functions, function, &runtime::FunctionSpec::name);
  const std::vector<std::vector<std::byte>> data = random_data(*spec, seed);
  for (std::size_t i = 0; i < arrays.size(); ++i)
    if (!data[i].empty())
      std::memcpy(arrays[i].data(), data[i].data(), data[i].size());
  return arrays;
}

Call::Call(const Executable &executable, std::string name)
    : function(std::move(name)), inputs(random_inputs(executable, function)) {
  for (const TensorInfo &output : executable.outputs(function))
    outputs.emplace_back(output.dtype, output.shape);
  for (const HostArray &array : inputs)
    in.push_back(array.data());
  for (HostArray &array : outputs)
    out.push_back(array.data());
}

void Call::set(const Executable &executable, const std::string &input, std::int32_t value) {
  const std::vector<TensorInfo> infos = executable.inputs(function);
  const auto info = std::ranges::find(infos, input, &TensorInfo::name);
  if (info == infos.end() || info->dtype != i32 || info->shape.rank() != 0)
    throw Error("function '" + function + "' has no i32 scalar '" + input + "' among its inputs");
  std::memcpy(inputs[static_cast<std::size_t>(info - infos.begin())].data(), &value, sizeof value);
}

Timing time_calls(Executable &executable, const std::string &function, int warmup, double seconds) {
  Call call(executable, function);
  return time_repeated([&] { call.run(executable); }, warmup, seconds);
}

} // namespace heddle::timing
