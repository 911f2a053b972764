// Calls: checking the arguments, and what generated code calls back.
#include "DType.h"
#include "Error.h"
#include "Model.h"
#include "Threads.h"

#include <algorithm>
#include <chrono>

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

// Adds the time of its life to the launch that begins with it.
class LaunchTimer {
public:
  explicit LaunchTimer(hd_run &run) : run(run) {
    if (run.seconds)
      start = std::chrono::steady_clock::now();
  }
  ~LaunchTimer() {
    if (!run.seconds)
      return;
    if (run.launches < run.launchLimit)
      run.seconds[run.launches] =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ++run.launches;
  }
  LaunchTimer(const LaunchTimer &) = delete;
  LaunchTimer &operator=(const LaunchTimer &) = delete;

private:
  hd_run &run;
  std::chrono::steady_clock::time_point start;
};

/// Parameters that nobody has set are zeros, from which nothing is predicted and little learned.
void checkValues(const hd_model &model, const FunctionSpec &function) {
  if (model.hasValues)
    return;
  for (size_t i : function.state)
    if (const StateSpec &tensor = model.manifest.tensors[i];
        tensor.role == Role::Parameter && tensor.elements > 0)
      fail(HD_INVALID_ARGUMENT,
           "function '{}' needs '{}', which has no values yet; initialize model '{}', or load "
           "weights, before it is run",
           function.name, tensor.name, model.manifest.model);
}

void runFunction(hd_model &model, Function &function, const void *const *inputs, size_t inputCount,
                 void *const *outputs, size_t outputCount, double *seconds = nullptr) {
  checkValues(model, *function.spec);
  bindInputs(function, inputs, inputCount);
  bindOutputs(function, outputs, outputCount);
  const ThreadCountScope threads(model.threads);
  const std::vector<size_t> &state = function.spec->state;
  AlignedBuffer scratch;
  for (size_t tensor : state)
    bringIntoPanels(model, tensor, scratch);
  // Large enough for all that was in rows: to bring back what a caller has the address of cannot
  // fail once the function has run.
  if (std::none_of(state.begin(), state.end(),
                   [&](size_t i) { return model.lent[i] && model.manifest.tensors[i].panels; }))
    scratch = {};
  packTensors(model, function);
  for (size_t tensor : function.spec->updates)
    ++model.versions[tensor];
  hd_run run{.function = &function,
             .threads = model.threads,
             .seconds = seconds,
             .launchLimit = function.spec->launches.size()};
  function.entry(&run, function.buffers.data());
  for (size_t tensor : state)
    if (model.lent[tensor])
      bringIntoRows(model, tensor, scratch);
  if (run.status == 0 && run.launches != (seconds ? run.launchLimit : 0))
    fail(HD_INTERNAL_ERROR, "function '{}' made {} launches, its manifest tells of {}",
         function.spec->name, run.launches, run.launchLimit);
  if (run.status == 0)
    return;
  const auto index = static_cast<size_t>(run.failedContraction);
  fail(HD_INTERNAL_ERROR,
       "function '{}': contraction {} ({}) failed: {}; outputs and state are not to be trusted",
       function.spec->name, run.failedContraction,
       index < function.contractions.size() ? function.contractions[index].describe() : "no such",
       contractionStatusText(run.status));
}

Function &functionAt(hd_model *model, size_t index, const char *caller) {
  if (!model)
    fail(HD_INVALID_ARGUMENT, "{}: 'model' is null", caller);
  if (index >= model->functions.size())
    fail(HD_INVALID_ARGUMENT, "{}: function {} is out of range: model '{}' has {}", caller, index,
         model->manifest.model, model->functions.size());
  return model->functions[index];
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
    runFunction(*model, functionAt(model, function, "hd_model_run_index"), inputs, input_count,
                outputs, output_count);
  });
}

hd_status hd_model_profile(hd_model *model, size_t function, const void *const *inputs,
                           size_t input_count, void *const *outputs, size_t output_count,
                           double *seconds, size_t launch_count) {
  return guarded([&] {
    Function &called = functionAt(model, function, "hd_model_profile");
    const size_t expected = called.spec->launches.size();
    if (expected == 0)
      fail(HD_INVALID_ARGUMENT,
           "function '{}' has no launches in its manifest; libraries are compiled without, compile "
           "the model in process",
           called.spec->name);
    if (!seconds || launch_count != expected)
      fail(HD_INVALID_ARGUMENT, "function '{}' has {} launches; 'seconds' has room for {}",
           called.spec->name, expected, seconds ? launch_count : 0);
    runFunction(*model, called, inputs, input_count, outputs, output_count, seconds);
  });
}

void hd_parallel_for(hd_run *run, hd_task task, void *const *args, int64_t count, int64_t grain,
                     int64_t part) {
  const LaunchTimer timer(*run);
  const bool usesLibrary = run->function && !run->function->contractions.empty();
  parallelFor(usesLibrary ? Pool::OpenMp : Pool::Own, run->threads, count, {grain, part},
              [=](int64_t begin, int64_t end) { task(args, begin, end); });
}

void hd_contract(hd_run *run, int32_t index, const void *a, const void *b, const void *bias,
                 void *c) {
  const LaunchTimer timer(*run);
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
