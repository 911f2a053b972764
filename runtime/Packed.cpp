// Packed tensors: copies of parameters in the order in which kernels read them.
#include "Error.h"
#include "Model.h"

namespace heddle::runtime {

void changeTensors(hd_model &model) {
  for (uint64_t &version : model.versions)
    ++version;
}

void packTensors(hd_model &model, Function &function) {
  const FunctionSpec &spec = *function.spec;
  const size_t first = spec.inputs.size() + spec.outputs.size() + spec.state.size();
  for (size_t i = 0; i < spec.packed.size(); ++i) {
    Packed &packed = model.packed[spec.packed[i]];
    const auto &[tensor, bytes] = model.manifest.packed[spec.packed[i]];
    if (packed.memory.size() == 0)
      packed.memory = AlignedBuffer(
          bytes, fmt::format("'{}' in packed form", model.manifest.tensors[tensor].name).c_str());
    function.buffers[first + i] = packed.memory.data();
    if (packed.version == model.versions[tensor] && !model.lent[tensor])
      continue;
    hd_run run{.function = &function, .threads = model.threads};
    packed.packer(&run, model.tensors[tensor], packed.memory.data());
    packed.version = model.versions[tensor];
  }
}

} // namespace heddle::runtime
