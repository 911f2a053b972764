#include "Wrappers.h"

#include "heddle/cpu/Plan.h"

#include "llvm/IR/IRBuilder.h"

using namespace llvm;

namespace heddle::cpu {
namespace {

// Builds the C interface: each function forwards to the runtime, most with their arguments as they
// are.
class InterfaceBuilder {
public:
  InterfaceBuilder(Module &module, const CNames &names)
      : module(module), names(names), builder(module.getContext()), pointer(builder.getPtrTy()),
        i32(builder.getInt32Ty()), i64(builder.getInt64Ty()) {}

  std::vector<std::string> exported;

  void makeProgram(const ModelDescription &model, const std::string &manifest) {
    std::vector<Constant *> entries, packers;
    for (size_t i = 0; i < model.functions.size(); ++i)
      entries.push_back(module.getFunction(names.entry(i)));
    for (size_t i = 0; i < model.packed.size(); ++i)
      packers.push_back(module.getFunction(names.packer(i)));
    auto table = [&](StringRef name, ArrayRef<Constant *> functions) {
      return constant(name,
                      ConstantArray::get(ArrayType::get(pointer, functions.size()), functions));
    };
    auto *text = constant("manifest", ConstantDataArray::getString(module.getContext(), manifest));
    // hd_program: size, manifest, entries, entry_count, packers, packer_count.
    auto *type = StructType::get(i64, pointer, pointer, i64, pointer, i64);
    program = constant("program",
                       ConstantStruct::get(
                           type, {builder.getInt64(module.getDataLayout().getTypeAllocSize(type)),
                                  text, table("entries", entries), builder.getInt64(entries.size()),
                                  table("packers", packers), builder.getInt64(packers.size())}));
    manifestText = text;
  }

  // int mnist_create(mnist **model)
  void makeCreate() {
    Function *function = begin("create", i32, {pointer});
    finish(call("hd_model_create", i32, {program, function->getArg(0)}));
  }

  void makeFixed() {
    forward("destroy", "hd_model_destroy", builder.getVoidTy(), {pointer});
    forward("initialize", "hd_model_initialize", i32, {pointer, i64});
    forward("load", "hd_model_load", i32, {pointer, pointer});
    makeSave("save", 0);
    makeSave("save_checkpoint", 1);
    forward("call", "hd_model_run", i32, {pointer, pointer, pointer, i64, pointer, i64});
    forward("error_message", "hd_error_message", pointer, {});
    forward("tensor", "hd_model_find_tensor", i32, {pointer, pointer, pointer, pointer});
    forward("tensor_at", "hd_model_tensor", i32, {pointer, i64, pointer, pointer});
    forward("read_tensor", "hd_model_read_tensor", i32, {pointer, pointer, pointer, i64});
    forward("write_tensor", "hd_model_write_tensor", i32, {pointer, pointer, pointer, i64});
    forward("tensor_count", "hd_model_tensor_count", i64, {pointer});
    forward("arena_bytes", "hd_model_arena_bytes", i64, {pointer});
    begin("manifest", pointer, {});
    finish(manifestText);
    makeSample();
  }

  // int mnist_train(mnist *model, const float *image, const int32_t *label, float *loss)
  void makeCall(const FunctionDescription &description, size_t index) {
    const size_t inputs = description.inputs.size(), outputs = description.outputs.size();
    Function *function =
        begin(names.functions[index].name, i32, SmallVector<Type *>(1 + inputs + outputs, pointer));
    Value *in = pack(*function, 1, inputs);
    Value *out = pack(*function, 1 + inputs, outputs);
    finish(call("hd_model_run_index", i32,
                {function->getArg(0), builder.getInt64(index), in, builder.getInt64(inputs), out,
                 builder.getInt64(outputs)}));
  }

private:
  GlobalVariable *constant(StringRef name, Constant *value) {
    auto *global =
        new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                           GlobalValue::InternalLinkage, value, names.prefix + "." + name.str());
    global->setAlignment(Align(16));
    return global;
  }

  Function *begin(StringRef name, Type *result, ArrayRef<Type *> arguments) {
    exported.push_back(names.prefix + "_" + name.str());
    auto *function = Function::Create(FunctionType::get(result, arguments, false),
                                      GlobalValue::ExternalLinkage, exported.back(), module);
    builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", function));
    return function;
  }

  void finish(Value *result) {
    result->getType()->isVoidTy() ? builder.CreateRetVoid() : builder.CreateRet(result);
  }

  Value *call(StringRef callee, Type *result, ArrayRef<Value *> arguments) {
    SmallVector<Type *> types;
    for (Value *argument : arguments)
      types.push_back(argument->getType());
    return builder.CreateCall(
        module.getOrInsertFunction(callee, FunctionType::get(result, types, false)), arguments);
  }

  void forward(StringRef name, StringRef callee, Type *result, ArrayRef<Type *> arguments) {
    Function *function = begin(name, result, arguments);
    SmallVector<Value *> values;
    for (Argument &argument : function->args())
      values.push_back(&argument);
    finish(call(callee, result, values));
  }

  void makeSave(StringRef name, uint32_t what) {
    Function *function = begin(name, i32, {pointer, pointer});
    finish(call("hd_model_save", i32,
                {function->getArg(0), function->getArg(1), builder.getInt32(what)}));
  }

  // int mnist_sample(logits, count, temperature, top_k, top_p, seed, position, token)
  void makeSample() {
    Type *f32 = builder.getFloatTy();
    Function *function = begin("sample", i32, {pointer, i64, f32, i32, f32, i64, i64, pointer});
    // hd_sampling: size, temperature, top_k, top_p.
    auto *type = StructType::get(i64, f32, i32, f32);
    Value *sampling = builder.CreateAlloca(type);
    Value *fields[] = {builder.getInt64(module.getDataLayout().getTypeAllocSize(type)),
                       function->getArg(2), function->getArg(3), function->getArg(4)};
    for (unsigned i = 0; i < 4; ++i)
      builder.CreateStore(fields[i], builder.CreateStructGEP(type, sampling, i));
    finish(call("hd_sample", i32,
                {function->getArg(0), function->getArg(1), sampling, function->getArg(5),
                 function->getArg(6), function->getArg(7)}));
  }

  Value *pack(Function &function, unsigned first, size_t count) {
    auto *type = ArrayType::get(pointer, count);
    Value *array = builder.CreateAlloca(type);
    for (unsigned i = 0; i < count; ++i)
      builder.CreateStore(function.getArg(first + i),
                          builder.CreateConstGEP2_32(type, array, 0, i));
    return array;
  }

  Module &module;
  const CNames &names;
  IRBuilder<> builder;
  PointerType *pointer;
  IntegerType *i32, *i64;
  GlobalVariable *program = nullptr, *manifestText = nullptr;
};

} // namespace

/// A hidden function that runtime and interface may call, and a builder in it.
static Function *beginHidden(Module &module, StringRef name, unsigned pointers,
                             IRBuilder<> &builder) {
  SmallVector<Type *> types(pointers, builder.getPtrTy());
  auto *function = Function::Create(FunctionType::get(builder.getVoidTy(), types, false),
                                    GlobalValue::ExternalLinkage, name, module);
  function->setVisibility(GlobalValue::HiddenVisibility);
  builder.SetInsertPoint(BasicBlock::Create(module.getContext(), "", function));
  return function;
}

void addEntries(Module &module, const ModelDescription &model, const CNames &names) {
  IRBuilder<> builder(module.getContext());
  Type *pointer = builder.getPtrTy();
  for (size_t i = 0; i < model.packed.size(); ++i) {
    Function *packer = beginHidden(module, names.packer(i), 3, builder);
    builder.CreateCall(module.getFunction(packerFunctionName(i)),
                       {packer->getArg(0), packer->getArg(1), packer->getArg(2)});
    builder.CreateRetVoid();
  }
  for (size_t i = 0; i < model.functions.size(); ++i) {
    Function *code = module.getFunction(entryFunctionName(model.functions[i].name));
    Function *entry = beginHidden(module, names.entry(i), 2, builder);
    SmallVector<Value *> arguments = {entry->getArg(0)};
    for (unsigned buffer = 0; buffer + 1 < code->arg_size(); ++buffer)
      arguments.push_back(builder.CreateLoad(
          pointer, builder.CreateConstGEP1_32(pointer, entry->getArg(1), buffer)));
    builder.CreateCall(code, arguments);
    builder.CreateRetVoid();
  }
}

std::vector<std::string> addInterface(Module &module, const ModelDescription &model,
                                      const CNames &names, const std::string &manifest) {
  InterfaceBuilder interface(module, names);
  interface.makeProgram(model, manifest);
  interface.makeCreate();
  interface.makeFixed();
  for (size_t i = 0; i < model.functions.size(); ++i)
    interface.makeCall(model.functions[i], i);
  return std::move(interface.exported);
}

} // namespace heddle::cpu
