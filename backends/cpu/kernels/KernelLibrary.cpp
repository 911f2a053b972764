//===- KernelLibrary.cpp - the kernels of a module --------------------------===//

#include "heddle/cpu/KernelLibrary.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace heddle::cpu;

/// Below this many elements a part of a loop costs less than waking a thread (a few microseconds).
static constexpr int64_t kElementsWorthAThread = 8192;

TaskFrame KernelLibrary::begin(OpBuilder &builder, Location loc, size_t argumentCount) {
  builder.setInsertionPointToEnd(module.getBody());
  auto ptr = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  auto type =
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()), {ptr, i64, i64});
  TaskFrame frame;
  frame.function = LLVM::LLVMFuncOp::create(builder, loc, "task", type, LLVM::Linkage::Internal);
  Block *entry = frame.function.addEntryBlock(builder);
  builder.setInsertionPointToStart(entry);
  for (size_t i = 0; i < argumentCount; ++i) {
    Value slot = LLVM::GEPOp::create(builder, loc, ptr, ptr, entry->getArgument(0),
                                     ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
    frame.pointers.push_back(LLVM::LoadOp::create(builder, loc, ptr, slot));
  }
  frame.begin = entry->getArgument(1);
  frame.end = entry->getArgument(2);
  return frame;
}

FailureOr<Task> KernelLibrary::known(Attribute key, function_ref<FailureOr<Task>()> make) {
  if (auto entry = tasks.find(key); entry != tasks.end())
    return entry->second;
  FailureOr<Task> made = make();
  if (succeeded(made))
    tasks[key] = *made;
  return made;
}

Task KernelLibrary::finish(TaskFrame &frame, int64_t count, int64_t elementsEach, StringRef name) {
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToEnd(&frame.function.getBody().back());
  LLVM::ReturnOp::create(builder, frame.function.getLoc(), ValueRange());

  std::string text;
  llvm::raw_string_ostream stream(text);
  frame.function->print(stream, OpPrintingFlags().useLocalScope());
  int64_t grain = std::max<int64_t>(1, kElementsWorthAThread / std::max<int64_t>(1, elementsEach));
  auto [entry, isNew] = symbols.try_emplace(text, (name + "_" + Twine(symbols.size())).str());
  LLVM::LLVMFuncOp function = frame.function;
  if (isNew)
    function.setSymName(entry->second);
  else
    function.erase();
  return {entry->second, count, grain, grain};
}
