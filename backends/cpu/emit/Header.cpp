//===- Header.cpp - the generated C header ---------------------------------------===//

#include "Library.h"

#include "mlir/IR/Diagnostics.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace heddle::cpu {
namespace {

StringRef cType(StringRef dtype) {
  if (dtype == "f32")
    return "float";
  if (dtype == "f64")
    return "double";
  if (dtype == "i8")
    return "int8_t";
  if (dtype == "i32")
    return "int32_t";
  if (dtype == "i64")
    return "int64_t";
  // f16 and bf16 as their bits, i1 as a byte.
  return dtype == "i1" ? "uint8_t" : "uint16_t";
}

// Quoted names come from the model; a comment must survive them.
std::string commentText(StringRef text) {
  std::string result;
  for (char c : text)
    result += c == '*' || c == '\n' || c == '\r' || c == '\\' ? '_' : c;
  return result;
}

constexpr const char *kPreamble =
    R"(/* Model '{0}', compiled by Heddle for {1} ({2}). Generated; do not edit.
 *
 * Shared:  cc program.c -L. -l{3}
 * Static:  cc program.c lib{3}.a -ldnnl -fopenmp -lstdc++ -lm
 *
 * A handle may be used from any thread, by one thread at a time; there are no process globals. Functions that
 * return int return 0 on success; {3}_error_message() then says why. Arrays are dense and row-major.
 */
#ifndef {4}_H
#define {4}_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

typedef struct {3} {3};

/* What a call returns when it fails. */
enum {{ {4}_OK = 0, {4}_INVALID_ARGUMENT = 1, {4}_IO_ERROR = 2, {4}_FORMAT_ERROR = 3, {4}_OUT_OF_MEMORY = 4,
       {4}_INTERNAL_ERROR = 5 };
/* The message of the last failed call on this thread: what was wrong, and what to do. */
const char *{3}_error_message(void);

int {3}_create({3} **model);
void {3}_destroy({3} *model); /* null is allowed */
/* Fills every tensor as its initialiser says; the same seed gives the same values. */
int {3}_initialize({3} *model, uint64_t seed);
/* Safetensors files. A load checks the whole file before any tensor changes; a save is whole or absent. */
int {3}_load({3} *model, const char *path);
int {3}_save({3} *model, const char *path);            /* parameters and buffers */
int {3}_save_checkpoint({3} *model, const char *path); /* and all that resuming the training needs */

/* The model's tensors. `info`, if not null, has its size set by the caller; strings and shapes live as long as
 * the model. Dtypes: 0 f32, 1 f64, 2 f16, 3 bf16, 4 i8, 5 i32, 6 i64, 7 bool (a byte). */
typedef struct {3}_tensor_info {{
  size_t size; /* sizeof({3}_tensor_info) */
  const char *name;
  int dtype;
  size_t rank;
  const int64_t *shape;
  size_t bytes;
} {3}_tensor_info;
/* Where a tensor lies, in row-major order between calls; `data` may be null. Once asked for, it may change between any
 * two calls: the order in which functions want it, and what they make of it in advance, is then made anew in each. To
 * read or write values once, copy them instead. */
int {3}_tensor({3} *model, const char *name, {3}_tensor_info *info, void **data);
int {3}_tensor_at({3} *model, size_t index, {3}_tensor_info *info, void **data);
/* Copies the whole of a tensor to or from an array of `bytes`. */
int {3}_read_tensor(const {3} *model, const char *name, void *to, size_t bytes);
int {3}_write_tensor({3} *model, const char *name, const void *from, size_t bytes);
size_t {3}_tensor_count(const {3} *model);

/* Runs a function by its name, for programs that serve any model: inputs and outputs are pointers to arrays in the
 * order of the functions below, and their numbers are checked. */
int {3}_call({3} *model, const char *function, const void *const *inputs, size_t input_count, void *const *outputs,
{6} size_t output_count);

size_t {3}_arena_bytes(const {3} *model); /* scratch memory that the functions share */
const char *{3}_manifest(void);            /* JSON */

/* Draws a token from logits [count]. temperature 0: the likeliest; top_k 0 and top_p 1: all. The same seed and
 * position give the same token for the same logits. */
int {3}_sample(const float *logits, size_t count, float temperature, int32_t top_k, float top_p, uint64_t seed,
{5} uint64_t position, int32_t *token);
)";

class HeaderWriter {
public:
  HeaderWriter(const LibraryContents &contents, Location where)
      : model(contents.model), names(contents.names), machine(contents.machine), where(where),
        out(text) {}

  FailureOr<std::string> run() {
    upper = StringRef(names.prefix).upper();
    out << llvm::formatv(kPreamble, commentText(model.name), machine.triple(), machine.cpu(),
                         names.prefix, upper, std::string(names.prefix.size() + 11, ' '),
                         std::string(names.prefix.size() + 9, ' '));
    for (size_t i = 0; i < model.functions.size(); ++i)
      if (failed(writeFunction(model.functions[i], names.functions[i])))
        return failure();
    out << "\n#ifdef __cplusplus\n}\n#endif\n#endif\n";
    return text;
  }

private:
  LogicalResult writeFunction(const FunctionDescription &function, const CNames::Function &c) {
    out << "\n/* Runs '" << commentText(function.name) << "'.";
    if (!function.inputs.empty())
      out << " Inputs:";
    describe(function.inputs, c.inputs, function.indexChecks);
    if (!function.outputs.empty())
      out << "\n * Outputs (each may be null: dropped):";
    describe(function.outputs, c.outputs, {});
    out << " */\n";
    out << "int " << names.prefix << '_' << c.name << '(' << names.prefix << " *model";
    for (size_t i = 0; i < c.inputs.size(); ++i)
      out << ", const " << cType(function.inputs[i].dtype) << " *" << c.inputs[i];
    for (size_t i = 0; i < c.outputs.size(); ++i)
      out << ", " << cType(function.outputs[i].dtype) << " *" << c.outputs[i];
    out << ");\n";
    for (size_t i = 0; i < c.inputs.size(); ++i)
      if (failed(writeSizes(function.inputs[i], c.name, c.inputs[i])))
        return failure();
    for (size_t i = 0; i < c.outputs.size(); ++i)
      if (failed(writeSizes(function.outputs[i], c.name, c.outputs[i])))
        return failure();
    return success();
  }

  void describe(ArrayRef<TensorDescription> tensors, ArrayRef<std::string> parameters,
                ArrayRef<IndexCheck> checks) {
    for (size_t i = 0; i < tensors.size(); ++i) {
      const TensorDescription &tensor = tensors[i];
      out << "\n *   " << parameters[i] << ": " << tensor.dtype << ' ' << tensor.shapeText();
      for (const IndexCheck &check : checks)
        if (check.input == tensor.name)
          out << "\n *     " << checkText(check, tensor.elements());
    }
  }

  // "each in [0, 65) or -100"; a use of a part says how many elements it is.
  std::string checkText(const IndexCheck &check, int64_t elements) {
    int64_t used = 1;
    for (int64_t size : check.shape)
      used *= size;
    std::string result =
        used == elements ? "each" : std::to_string(used) + " of its elements, each";
    result += " in [0, " + std::to_string(check.limit) + ")";
    if (check.also)
      result += " or " + std::to_string(*check.also);
    return result;
  }

  LogicalResult writeSizes(const TensorDescription &tensor, StringRef function,
                           StringRef parameter) {
    const std::string macro = upper + '_' + function.upper() + '_' + parameter.upper();
    const std::string owner = "'" + tensor.name + "' of '" + function.str() + "'";
    if (failed(define(macro + "_ELEMENTS", tensor.elements(), owner)))
      return failure();
    for (size_t d = 0; d < tensor.shape.size(); ++d)
      if (failed(define(macro + "_DIM" + std::to_string(d), tensor.shape[d], owner)))
        return failure();
    return success();
  }

  LogicalResult define(const std::string &macro, int64_t value, const std::string &owner) {
    if (auto [at, inserted] = macros.try_emplace(macro, owner); !inserted)
      return emitError(where) << "model '" << model.name << "': the size macro " << macro
                              << " would stand for both " << at->second << " and " << owner
                              << "; rename one";
    out << "#define " << macro << ' ' << value << '\n';
    return success();
  }

  const ModelDescription &model;
  const CNames &names;
  const Machine &machine;
  Location where;
  std::string text, upper;
  llvm::raw_string_ostream out;
  llvm::StringMap<std::string> macros;
};

} // namespace

FailureOr<std::string> writeHeader(const LibraryContents &contents, Location where) {
  return HeaderWriter(contents, where).run();
}

} // namespace heddle::cpu
