//===- Passes.td - every pass of the CPU backend --------------------------===//
//
// In the order in which the phases run them; the banners are the phases of Phases.h.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_CPU_PASSES_TD
#define HEDDLE_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Phase plan: launches on planned buffers.
//===----------------------------------------------------------------------===//

def HeddleCpuPlan : Pass<"heddle-cpu-plan", "::mlir::ModuleOp"> {
  let summary = "Give every value a place in memory, make kernels of fusions and launches of functions";
  let description = [{
    Writes every function anew, as `fn.NAME`: no symbol of libm or of the runtime has a dot in it. Its arguments
    are the run, inputs, outputs, state, packed copies and the arena; its body launches one thing after the other, a kernel
    through `hd_parallel_for` or a contraction through `hd_contract`. `heddle.entry` keeps the function's name,
    `heddle.arena_bytes` the size of the arena, and `heddle.contractions` what the runtime has to know of each
    contraction.

    - A view is another layout of the buffer that it views.
    - New state is written where the old lies; where the old value is still needed then, it is copied.
    - An op that gives new state moves up to where its operands are there and the old state is no longer read: a
      gradient is then not kept until the end of the step.
    - Values that are not needed at the same time may share a place in the arena.
    - Equal kernels are made once.
    - The fusion after a contraction, if it reads the contraction's result element by element, is computed by the
      contraction's kernel on each block that it has finished, which is then still in the cache. The fusion's result
      takes the place of the product where nobody else reads that. A fusion that moves more than three tensors beside
      the product, as the update of moments, has a kernel of its own.
    - A parameter that products read as their second operand lies in panels, in the order in which they read it; its
      argument has `heddle.panels`, the dimension along which they run and their width, and the runtime brings it into
      that order. So do gradients and an optimiser's moments, elementwise with which it is updated. It must be a matrix
      of f32 with a multiple of the width, and nothing in any function may read it otherwise: a table that is looked
      up, too, or rows that are scaled one by one, stay in row-major order.
    - Else, a product of up to 1024 rows with a parameter that its function does not change reads it from a packed copy,
      an argument after the state. `pack.N` makes it, with `heddle.packer`, the parameter's name, and `heddle.bytes`; the
      runtime calls it when a function first needs the copy, and again when the parameter has changed. Functions that
      read a parameter in the same form share the copy. State that a function changes has `heddle.updated`.
    - Contractions become kernels too, but for empty sums, and products with a vector of which neither the matrix nor
      the vector can be read in order; these go to the library. Attention and its gradient are a kernel each.

    Remarks: parameters that products of two rows or more read, and that do not lie in panels, and why; fusions that are
    computed with the product that they read, and that are not and why; state that is written in place, and that is not
    and why; operands of contractions that have to be copied into another order; contractions that go to the library.

    ```mlir
    func.func @f(%x: tensor<64xf32> {heddle.name = "x", heddle.kind = "input"})
        -> (tensor<64xf32> {heddle.name = "y"}) {
      %y = heddle.fusion(%a = %x) : (tensor<64xf32>) -> tensor<64xf32>
          attributes {domain = array<i64: 64>, kind = "rows", row_rank = 0 : i64} {
        %0 = heddle.exp %a : tensor<64xf32>
        heddle.yield %0 : tensor<64xf32>
      }
      return %y : tensor<64xf32>
    }
    // becomes
    func.func @fn.f(%run: !llvm.ptr, %x: memref<64xf32> {heddle.kind = "input", heddle.name = "x"},
                    %y: memref<64xf32> {heddle.kind = "output", heddle.name = "y"}, %arena: memref<0xi8>)
        attributes {heddle.arena_bytes = 0 : i64, heddle.contractions = [], heddle.entry = "f"} {
      // %pointers is an array of the addresses of %x and %y
      %kernel = llvm.mlir.addressof @kernel_0 : !llvm.ptr
      llvm.call @hd_parallel_for(%run, %kernel, %pointers, %count, %grain, %part)
          : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, i64, i64) -> ()
      return
    }
    llvm.func internal @kernel_0(%pointers: !llvm.ptr, %begin: i64, %end: i64) {
      // the iterations %begin to %end of a loop: vector.load, math.exp, vector.store
    }
    ```

    An op that has no place in a schedule is an error, and so is, in the end, an op of a dialect that codegen does
    not take: a tensor in a kernel, or anything that no function held.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "256", "Bits of the target's vector registers: 128, 256 or 512">,
    Option<"vectorRegisters", "vector-registers", "int64_t", "16", "How many vector registers the target has, 8 or more">,
    Option<"contractions", "contractions", "::heddle::cpu::ContractionProvider",
           "::heddle::cpu::ContractionProvider::Auto", "What runs contractions",
           [{::llvm::cl::values(
               clEnumValN(::heddle::cpu::ContractionProvider::Auto, "auto", "whichever should be faster"),
               clEnumValN(::heddle::cpu::ContractionProvider::Generated, "generated", "kernels of this module"),
               clEnumValN(::heddle::cpu::ContractionProvider::Library, "library", "oneDNN, through the runtime"))}]>,
    Option<"tuning", "tuning", "std::string", "\"\"",
           "A file of heddle tune; where contractions is auto, what was faster there runs the products and the "
           "functions it tells of">,
    Option<"packParameters", "pack-parameters", "bool", "true",
           "Have parameters lie in the order in which products read them; where something else reads them too, products of "
           "few rows read a second copy">,
    Option<"fuseEpilogues", "fuse-epilogues", "bool", "true",
           "Compute the elementwise fusion after a product in the product's kernel">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",   "::mlir::func::FuncDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",     "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",       "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numKernels", "kernels", "Distinct kernels made">,
    Statistic<"numLaunches", "launches", "Kernels and contractions launched">,
    Statistic<"numInPanels", "in-panels", "Tensors of state that lie in panels">,
    Statistic<"numPacked", "packed", "Packed copies of parameters">,
    Statistic<"numStateCopies", "state-copies", "State tensors copied because they could not be updated in place">
  ];
}

//===----------------------------------------------------------------------===//
// Phase codegen: only the LLVM dialect. Between these two, upstream's conversions do the work.
//===----------------------------------------------------------------------===//

def HeddleCpuApproximateMath : Pass<"heddle-cpu-approximate-math", "::mlir::ModuleOp"> {
  let summary = "Replace math ops by straight-line code that vectorises";
  let description = [{
    `exp`, `log`, `tanh`, `erf`, `sin` and their like on f32 become polynomials, on scalars as on vectors; f16 and
    bf16 go by way of f32. `exp` and `erf` are Heddle's own, with fewer ops, and `exp` has an infinity; the others are
    upstream's. Hyperbolic functions, `tan`, `exp2` and `rsqrt` become simpler ops on every type.

    What LLVM has an instruction for stays: `sqrt`, `floor`, `absf`, `fma` and so on. So does what has no
    polynomial: `powf`, and everything on f64. For these the C library is called, an element at a time.

    Floating-point ops are then allowed to contract, which lets LLVM make one multiply-add of a product and a sum.
    A target without multiply-add sets `fma` to false, since LLVM would call libm's `fmaf` for each.

    ```mlir
    %y = math.tan %x : f64
    %r = math.fma %a, %b, %c : vector<8xf32>
    // becomes, with fma=false
    %s = math.sin %x fastmath<contract> : f64
    %d = math.cos %x fastmath<contract> : f64
    %y = arith.divf %s, %d fastmath<contract> : f64
    %p = arith.mulf %a, %b fastmath<contract> : vector<8xf32>
    %r = arith.addf %p, %c fastmath<contract> : vector<8xf32>
    ```
  }];
  let options = [
    Option<"fma", "fma", "bool", "true", "Whether the target has fused multiply-add; if not, each becomes mul and add">
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numReplaced", "replaced", "Math ops replaced, with those that another's replacement brought in">,
    Statistic<"numSplit", "split", "Fused multiply-adds split">
  ];
}

def HeddleCpuInternalize : Pass<"heddle-cpu-internalize", "::mlir::ModuleOp"> {
  let summary = "Make what has a body internal, and check that only the LLVM dialect is left";
  let description = [{
    LLVM may drop, merge and specialise what only this module sees; the functions that the runtime calls are made
    later, in LLVM IR. Functions stay out of line: an entry that holds its kernels compiles slowly, and runs no
    faster. What is only declared, as the runtime's and libm's functions, stays external.

    An op of another dialect is an error at that op: the conversions had no lowering for it.

    ```mlir
    llvm.func @expf(f32) -> f32
    llvm.func @fn.f(%run: !llvm.ptr) { llvm.return }
    // becomes
    llvm.func @expf(f32) -> f32
    llvm.func internal @fn.f(%run: !llvm.ptr) attributes {no_inline} { llvm.return }
    ```
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [
    Statistic<"numInternalized", "internalized", "Functions and globals that were not internal before">
  ];
}

#endif
