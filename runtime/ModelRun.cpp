// Calls: checking the arguments, and what generated code calls back.
#include "DType.h"
#include "Error.h"
#include "Model.h"
#include "Threads.h"

namespace heddle::runtime {
namespace {

std::string listNames(const std::vector<TensorSpec> &tensors) {
  std::string names;
  for (const TensorSpec &tensor : tensors)
    names += (names.empty() ? "" : ", ") + tensor.name;
  return tensors.empty() ? "" : " (" + names + ")";
}

void checkCount(const Function &function, const char *kind, const std::vector<TensorSpec> &expected,
                size_t got) {
  if (got != expected.size())
    fail(HD_INVALID_ARGUMENT, "function '{}' expects {} {}{}{}, got {}", function.spec->name,
         expected.size(), kind, expected.size() == 1 ? "" : "s", listNames(expected), got);
}

void bindInputs(Function &function, const void *const *inputs, size_t count) {
  const auto &specs = function.spec->inputs;
  checkCount(function, "input", specs, count);
  if (!inputs && count > 0)
    fail(HD_INVALID_ARGUMENT, "function '{}': 'inputs' is null; pass an array of {} pointers",
         function.spec->name, count);
  for (size_t i = 0; i < count; ++i) {
    if (!inputs[i] && specs[i].bytes > 0)
      fail(HD_INVALID_ARGUMENT,
           "function '{}': input {} '{}' is null; pass a dense {} array of shape {}",
           function.spec->name, i, specs[i].name, hd_dtype_name(specs[i].dtype),
           formatShape(specs[i].shape));
    // An entry has one array for all its buffers; it does not write to inputs.
    function.buffers[i] = const_cast<void *>(inputs[i]);
  }
  for (const IndexCheckSpec &check : function.spec->indexChecks)
    checkIndices(check, function.spec->name, specs[check.input], inputs[check.input]);
}

void bindOutputs(Function &function, void *const *outputs, size_t count) {
  const auto &specs = function.spec->outputs;
  checkCount(function, "output", specs, count);
  if (!outputs && count > 0)
    fail(HD_INVALID_ARGUMENT,
         "function '{}': 'outputs' is null; pass an array of {} pointers (each may be null)",
         function.spec->name, count);
  for (size_t i = 0; i < count; ++i) {
    void *target = outputs[i];
    if (!target) {
      if (function.dropped[i].size() < specs[i].bytes)
        function.dropped[i] = AlignedBuffer(specs[i].bytes, "an output that is dropped");
      target = function.dropped[i].data();
    }
    function.buffers[function.spec->inputs.size() + i] = target;
  }
}

void runFunction(hd_model &model, Function &function, const void *const *inputs, size_t inputCount,
                 void *const *outputs, size_t outputCount) {
  bindInputs(function, inputs, inputCount);
  bindOutputs(function, outputs, outputCount);
  const ThreadCountScope threads(model.threads);
  hd_run run{.function = &function, .threads = model.threads};
  function.entry(&run, function.buffers.data());
  if (run.status == 0)
    return;
  const auto index = static_cast<size_t>(run.failedContraction);
  fail(HD_INTERNAL_ERROR,
       "function '{}': contraction {} ({}) failed: {}; outputs and state are not to be trusted",
       function.spec->name, run.failedContraction,
       index < function.contractions.size() ? function.contractions[index].describe() : "no such",
       contractionStatusText(run.status));
}

} // namespace
} // namespace heddle::runtime

using namespace heddle::runtime;

hd_status hd_model_run(hd_model *model, const char *name, const void *const *inputs,
                       size_t input_count, void *const *outputs, size_t output_count) {
  return guarded([&] {
    if (!model)
      fail(HD_INVALID_ARGUMENT, "hd_model_run: 'model' is null");
    if (!name)
      fail(HD_INVALID_ARGUMENT, "hd_model_run: 'name' is null; pass a function's name");
    for (Function &function : model->functions)
      if (function.spec->name == name)
        return runFunction(*model, function, inputs, input_count, outputs, output_count);
    // Says which functions there are.
    size_t index = 0;
    const hd_status status = hd_model_find_function(model, name, &index);
    throw Failure{status, hd_error_message()};
  });
}

hd_status hd_model_run_index(hd_model *model, size_t function, const void *const *inputs,
                             size_t input_count, void *const *outputs, size_t output_count) {
  return guarded([&] {
    if (!model)
      fail(HD_INVALID_ARGUMENT, "hd_model_run_index: 'model' is null");
    if (function >= model->functions.size())
      fail(HD_INVALID_ARGUMENT,
           "hd_model_run_index: function {} is out of range: model '{}' has {}", function,
           model->manifest.model, model->functions.size());
    runFunction(*model, model->functions[function], inputs, input_count, outputs, output_count);
  });
}

void hd_parallel_for(hd_run *run, hd_task task, void *const *args, int64_t count, int64_t grain) {
  parallelFor(run->threads, count, grain,
              [=](int64_t begin, int64_t end) { task(args, begin, end); });
}

void hd_contract(hd_run *run, int32_t index, const void *a, const void *b, const void *bias,
                 void *c) {
  if (run->status != 0)
    return;
  auto &contractions = run->function->contractions;
  const auto at = static_cast<size_t>(index);
  const int status =
      at < contractions.size()
          ? contractions[at].run(static_cast<const float *>(a), static_cast<const float *>(b),
                                 static_cast<const float *>(bias), static_cast<float *>(c))
          : Contraction::kNoSuchContraction;
  if (status != 0) {
    run->status = status;
    run->failedContraction = index;
  }
}
