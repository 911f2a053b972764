#include "heddle/compile.h"
#include "heddle/safetensors.h"

#include "Trace.h"

#include "heddle/cpu/Compiler.h"
#include "heddle/runtime.h"
#include "runtime/Error.h"
#include "runtime/Manifest.h"
#include "runtime/ModelFile.h"

#include <cmath>
#include <limits>

namespace heddle {

std::unique_ptr<cpu::JitProgram> compileProgram(const Model &, const CompileOptions &,
                                                std::source_location);

static void check(hd_status status, std::source_location where) {
  if (status != HD_OK)
    failAt(where, hd_error_message());
}

static TensorInfo toInfo(const hd_tensor_info &info) {
  // The two enums list the dtypes in one order.
  return {info.name, static_cast<DType>(info.dtype),
          Shape(std::vector<std::int64_t>(info.shape, info.shape + info.rank))};
}

struct Executable::Impl {
  struct Function {
    std::string name;
    std::vector<TensorInfo> inputs, outputs;
  };

  std::unique_ptr<cpu::JitProgram> program;
  hd_model *model = nullptr;
  std::vector<Function> functions;

  Impl(std::unique_ptr<cpu::JitProgram> made, std::source_location where)
      : program(std::move(made)) {
    check(hd_model_create(&program->program(), &model), where);
    for (std::size_t f = 0; f < hd_model_function_count(model); ++f) {
      Function &function = functions.emplace_back();
      function.name = hd_model_function_name(model, f);
      hd_tensor_info info{};
      info.size = sizeof info;
      for (std::size_t i = 0; i < hd_model_input_count(model, f); ++i) {
        check(hd_model_input(model, f, i, &info), where);
        function.inputs.push_back(toInfo(info));
      }
      for (std::size_t i = 0; i < hd_model_output_count(model, f); ++i) {
        check(hd_model_output(model, f, i, &info), where);
        function.outputs.push_back(toInfo(info));
      }
    }
  }
  ~Impl() { hd_model_destroy(model); }
  Impl(const Impl &) = delete;
  Impl &operator=(const Impl &) = delete;

  std::size_t find(const NameAt &name) const {
    std::vector<std::string> names;
    for (std::size_t f = 0; f < functions.size(); ++f) {
      if (functions[f].name == name.name)
        return f;
      names.push_back(functions[f].name);
    }
    fail(name.where, "model '{}' has no function '{}'; it has {}", hd_model_name(model), name.name,
         fmt::join(names, ", "));
  }

  TensorInfo tensor(const NameAt &name) const {
    hd_tensor_info info{};
    info.size = sizeof info;
    check(hd_model_find_tensor(model, name.name.c_str(), &info, nullptr), name.where);
    return toInfo(info);
  }
};

namespace {

/// Writes a number as an element of a dtype; false if it does not fit.
bool storeNumber(DType dtype, bool isReal, double real, std::int64_t whole, void *to) {
  const double value = isReal ? real : static_cast<double>(whole);
  auto store = [&](auto typed) { std::memcpy(to, &typed, sizeof typed); };
  if (dtype == DType::f64)
    return store(value), true;
  if (dtype == DType::f32)
    return store(static_cast<float>(value)), true;
  if (isReal)
    return false;
  auto fits = [&](auto limits) { return whole >= limits.min() && whole <= limits.max(); };
  switch (dtype) {
  case DType::i8:
    return store(static_cast<std::int8_t>(whole)), fits(std::numeric_limits<std::int8_t>());
  case DType::i32:
    return store(static_cast<std::int32_t>(whole)), fits(std::numeric_limits<std::int32_t>());
  case DType::i64:
    return store(whole), true;
  case DType::i1:
    return store(static_cast<std::uint8_t>(whole)), whole == 0 || whole == 1;
  default:
    return false;
  }
}

} // namespace

Executable::Executable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Executable::Executable(Executable &&) noexcept = default;
Executable &Executable::operator=(Executable &&) noexcept = default;
Executable::~Executable() = default;

Executable compile(const Model &model, const CompileOptions &options, std::source_location where) {
  return Executable(
      std::make_unique<Executable::Impl>(compileProgram(model, options, where), where));
}

void Executable::initialize(std::uint64_t seed, std::source_location where) {
  check(hd_model_initialize(impl_->model, seed), where);
}
void Executable::load(const std::string &path, std::source_location where) {
  check(hd_model_load(impl_->model, path.c_str()), where);
}

static void saveTo(const std::string &path, hd_model &model, hd_save_what what,
                   const Metadata &metadata, std::source_location where) {
  try {
    runtime::saveModel(model, path.c_str(), what, {metadata.begin(), metadata.end()});
  } catch (const runtime::Failure &failure) {
    failAt(where, failure.message);
  } catch (const std::exception &error) {
    fail(where, "{}: cannot save: {}", path, error.what());
  }
}

void Executable::save(const std::string &path, const Metadata &metadata,
                      std::source_location where) const {
  saveTo(path, *impl_->model, HD_SAVE_PARAMETERS, metadata, where);
}
void Executable::save_checkpoint(const std::string &path, const Metadata &metadata,
                                 std::source_location where) const {
  saveTo(path, *impl_->model, HD_SAVE_CHECKPOINT, metadata, where);
}

void Executable::resume(const std::string &path, std::source_location where) {
  // hd_model_load takes files of weights alone; going on from one would quietly restart the
  // optimiser.
  const std::set<std::string> names = safetensors_names(path, where);
  for (const TensorInfo &tensor : tensors())
    if (!names.count(tensor.name))
      fail(where,
           "'{}' has no '{}', which resuming needs; use a file of save_checkpoint, or load() to "
           "start from its "
           "weights",
           path, tensor.name);
  load(path, where);
}

Outputs Executable::call(NameAt name, std::span<const Argument> arguments) {
  const std::size_t index = impl_->find(name);
  const Impl::Function &function = impl_->functions[index];
  auto signature = [&] {
    std::vector<std::string> parts;
    for (const TensorInfo &input : function.inputs)
      parts.push_back(
          fmt::format("{} {} {}", input.name, heddle::name(input.dtype), input.shape.str()));
    return fmt::format("{}({})", function.name, fmt::join(parts, ", "));
  };
  if (arguments.size() != function.inputs.size())
    fail(name.where, "function '{}' expects {} argument{}, got {}: {}", function.name,
         function.inputs.size(), function.inputs.size() == 1 ? "" : "s", arguments.size(),
         signature());

  std::vector<std::int64_t> numbers(arguments.size());
  std::vector<const void *> inputs;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Argument &given = arguments[i];
    const TensorInfo &input = function.inputs[i];
    const std::string expected =
        fmt::format("argument '{}' of function '{}' expects {} {}", input.name, function.name,
                    heddle::name(input.dtype), input.shape.str());
    if (given.number_) {
      if (input.shape.elements() != 1)
        fail(name.where, "{}, got one number", expected);
      if (!storeNumber(input.dtype, given.dtype_ == DType::f64, given.real_, given.whole_,
                       &numbers[i]))
        fail(name.where, "{}, got the number {}", expected,
             given.dtype_ == DType::f64 ? fmt::format("{}", given.real_)
                                        : fmt::format("{}", given.whole_));
      inputs.push_back(&numbers[i]);
      continue;
    }
    if (given.dtype_ != input.dtype)
      fail(name.where, "{}, got elements of {}; convert them", expected,
           heddle::name(given.dtype_));
    if (given.shape_ && *given.shape_ != input.shape)
      fail(name.where, "{}, got shape {}", expected, given.shape_->str());
    if (given.count_ != static_cast<std::size_t>(input.shape.elements()))
      fail(name.where, "{}, which is {} elements, got {}", expected, input.shape.elements(),
           given.count_);
    inputs.push_back(given.data_);
  }

  Outputs results;
  results.function_ = function.name;
  std::vector<void *> outputs;
  results.arrays_.reserve(function.outputs.size());
  for (const TensorInfo &output : function.outputs) {
    results.names_.push_back(output.name);
    results.arrays_.emplace_back(output.dtype, output.shape);
    outputs.push_back(results.arrays_.back().data());
  }
  check(hd_model_run_index(impl_->model, index, inputs.data(), inputs.size(), outputs.data(),
                           outputs.size()),
        name.where);
  return results;
}

void Executable::run_into(NameAt function, std::span<const void *const> inputs,
                          std::span<void *const> outputs) {
  check(hd_model_run_index(impl_->model, impl_->find(function), inputs.data(), inputs.size(),
                           outputs.data(), outputs.size()),
        function.where);
}

std::vector<Launch> Executable::profile(NameAt function, std::span<const void *const> inputs,
                                        std::span<void *const> outputs) {
  const std::size_t index = impl_->find(function);
  const runtime::Manifest manifest = runtime::parseManifest(hd_model_manifest(impl_->model));
  const std::vector<runtime::LaunchSpec> &specs = manifest.functions[index].launches;
  std::vector<double> seconds(specs.size());
  check(hd_model_profile(impl_->model, index, inputs.data(), inputs.size(), outputs.data(),
                         outputs.size(), seconds.data(), seconds.size()),
        function.where);
  std::vector<Launch> launches;
  for (std::size_t i = 0; i < specs.size(); ++i)
    launches.push_back({specs[i].kernel, specs[i].where, specs[i].product, specs[i].bytes,
                        specs[i].ops, seconds[i]});
  return launches;
}

std::vector<std::string> Executable::functions() const {
  std::vector<std::string> names;
  for (const Impl::Function &function : impl_->functions)
    names.push_back(function.name);
  return names;
}
bool Executable::has(std::string_view function) const {
  for (const Impl::Function &known : impl_->functions)
    if (known.name == function)
      return true;
  return false;
}
std::vector<TensorInfo> Executable::inputs(NameAt function) const {
  return impl_->functions[impl_->find(function)].inputs;
}
std::vector<TensorInfo> Executable::outputs(NameAt function) const {
  return impl_->functions[impl_->find(function)].outputs;
}

std::vector<TensorInfo> Executable::tensors() const {
  std::vector<TensorInfo> found;
  for (std::size_t i = 0; i < hd_model_tensor_count(impl_->model); ++i) {
    hd_tensor_info info{};
    info.size = sizeof info;
    check(hd_model_tensor(impl_->model, i, &info, nullptr), std::source_location::current());
    found.push_back(toInfo(info));
  }
  return found;
}

HostArray Executable::tensor(NameAt name) const {
  const TensorInfo info = impl_->tensor(name);
  HostArray copy(info.dtype, info.shape);
  check(hd_model_read_tensor(impl_->model, info.name.c_str(), copy.data(), copy.bytes()),
        name.where);
  return copy;
}

void Executable::set_tensor(NameAt name, Argument value) {
  const TensorInfo info = impl_->tensor(name);
  auto write = [&](const void *from, std::size_t bytes) {
    check(hd_model_write_tensor(impl_->model, info.name.c_str(), from, bytes), name.where);
  };
  const std::string expected = fmt::format("tensor '{}' expects {} {}", info.name,
                                           heddle::name(info.dtype), info.shape.str());
  const auto count = static_cast<std::size_t>(info.shape.elements());
  if (value.number_) {
    std::int64_t number = 0;
    if (count != 1 ||
        !storeNumber(info.dtype, value.dtype_ == DType::f64, value.real_, value.whole_, &number))
      fail(name.where, "{}, got the number {}", expected,
           value.dtype_ == DType::f64 ? fmt::format("{}", value.real_)
                                      : fmt::format("{}", value.whole_));
    return write(&number, size_of(info.dtype));
  }
  if (value.dtype_ != info.dtype)
    fail(name.where, "{}, got elements of {}; convert them", expected, heddle::name(value.dtype_));
  if (value.shape_ && *value.shape_ != info.shape)
    fail(name.where, "{}, got shape {}", expected, value.shape_->str());
  if (value.count_ != count)
    fail(name.where, "{}, which is {} elements, got {}", expected, count, value.count_);
  write(value.data_, count * size_of(info.dtype));
}

std::size_t Executable::arena_bytes() const { return hd_model_arena_bytes(impl_->model); }
std::string Executable::manifest() const { return hd_model_manifest(impl_->model); }

const HostArray &Outputs::operator[](std::string_view name) const {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (names_[i] == name)
      return arrays_[i];
  throw Error(fmt::format("function '{}' has no result '{}'; it has {}", function_, name,
                          names_.empty() ? "none" : fmt::format("{}", fmt::join(names_, ", "))));
}

const HostArray &Outputs::at(std::size_t index) const {
  if (index >= arrays_.size())
    throw Error(fmt::format("function '{}' has no result {}; it has {}: {}", function_, index,
                            arrays_.size(), fmt::join(names_, ", ")));
  return arrays_[index];
}

} // namespace heddle
