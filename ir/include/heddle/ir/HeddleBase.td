//===- HeddleBase.td - the heddle dialect, its types and op classes -------===//

#ifndef HEDDLE_BASE_TD
#define HEDDLE_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "heddle/ir/HeddleInterfaces.td"

def Heddle_Dialect : Dialect {
  let name = "heddle";
  let cppNamespace = "::heddle::ir";
  let hasConstantMaterializer = 1;
  let hasOperationAttrVerify = 1;
  let useDefaultAttributePrinterParser = 1;
  let summary = "Models as functions over ranked tensors";
  let description = [{
    Value semantics on ranked tensors. Ops do not broadcast: a broadcast is an op of its own, so every
    operand of an elementwise op has the shape of the result.

    A model is a module of functions. Parameters, buffers, optimiser state and random state are function
    arguments with the attributes `heddle.name`, `heddle.kind` (`input`, `parameter`, `buffer`,
    `optimizer`, `rng`, `step`) and `heddle.init`, which a parameter must have; a result with
    `heddle.updates = "name"` is the new value of that argument, one with `heddle.name` is given to the caller.
    Modules with `heddle.model` are verified to have all this.

    ```mlir
    module attributes {heddle.model = "scale"} {
      func.func @apply(%x: tensor<3xf32> {heddle.kind = "input", heddle.name = "x"},
                       %w: tensor<3xf32> {heddle.kind = "parameter", heddle.name = "w",
                                          heddle.init = {kind = "normal", mean = 0.0, std = 0.02}})
          -> (tensor<3xf32> {heddle.name = "y"}) {
        %y = heddle.mul %x, %w : tensor<3xf32>
        return %y : tensor<3xf32>
      }
    }
    ```
  }];
  let extraClassDeclaration = [{
    /// Names of the discardable attributes that describe a model's arguments and results.
    static constexpr llvm::StringLiteral kModelAttr = "heddle.model";
    static constexpr llvm::StringLiteral kNameAttr = "heddle.name";
    static constexpr llvm::StringLiteral kKindAttr = "heddle.kind";
    static constexpr llvm::StringLiteral kInitAttr = "heddle.init";
    static constexpr llvm::StringLiteral kUpdatesAttr = "heddle.updates";
    static constexpr llvm::StringLiteral kTrainableAttr = "heddle.trainable";
  }];
}

// Types.
def Heddle_Float : AnyTypeOf<[F32, F64, F16, BF16]>;
def Heddle_Int : AnyTypeOf<[I8, I32, I64]>;
def Heddle_Number : AnyTypeOf<[F32, F64, F16, BF16, I8, I32, I64]>;
def Heddle_Element : AnyTypeOf<[F32, F64, F16, BF16, I8, I32, I64, I1]>;
def Heddle_Tensor : RankedTensorOf<[Heddle_Element]>;
def Heddle_FloatTensor : RankedTensorOf<[Heddle_Float]>;
def Heddle_IntTensor : RankedTensorOf<[Heddle_Int]>;
def Heddle_NumberTensor : RankedTensorOf<[Heddle_Number]>;
def Heddle_BoolTensor : RankedTensorOf<[I1]>;
def Heddle_LogicTensor : RankedTensorOf<[AnyTypeOf<[I1, I8, I32, I64]>]>;
def Heddle_Scalar : AnyTypeOf<[0DTensorOf<[Heddle_Element]>]>;
def Heddle_ScalarInt : 0DTensorOf<[I32, I64]>;
def Heddle_RandomKey : Type<And<[RankedTensorOf<[I64]>.predicate, CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getShape() == ::llvm::ArrayRef<int64_t>{2}">]>, "tensor<2xi64> (seed, step)">,
    BuildableType<"::mlir::RankedTensorType::get({2}, $_builder.getI64Type())">;

// The op has no derivative (its result is not a differentiable function of its operands).
def Heddle_NoDerivative : NativeOpTrait<"NoDerivative"> {
  let cppNamespace = "::heddle::ir::OpTrait";
}

// What an op may have, of this dialect as of a plugin's; heddle::ir has the classes.
defvar Heddle_Interpretable = DeclareOpInterfaceMethods<Heddle_InterpretableOpInterface>;
defvar Heddle_Differentiable = DeclareOpInterfaceMethods<Heddle_DifferentiableOpInterface>;
defvar Heddle_Decomposable = DeclareOpInterfaceMethods<Heddle_DecomposableOpInterface>;
defvar Heddle_Elementwise = DeclareOpInterfaceMethods<Heddle_ElementwiseOpInterface>;

class Heddle_Op<string mnemonic, list<Trait> traits = []>
    : Op<Heddle_Dialect, mnemonic,
         !listconcat([Pure, Heddle_Interpretable], traits)>;

// An op whose result type follows from its operands and attributes.
class Heddle_InferredOp<string mnemonic, list<Trait> traits = []>
    : Heddle_Op<mnemonic, !listconcat([InferTypeOpAdaptor], traits)>;

#endif
