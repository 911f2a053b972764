//===- Passes.td - every pass of the heddle dialect -----------------------===//
//
// In the order in which the pipeline runs them; the banners are the phases of Pipeline.h.
//
// What a description calls remarks are those of Remarks.h: `--remarks-filter=PASS` of heddle-opt, and `--remarks` of
// heddle, show them.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_PASSES_TD
#define HEDDLE_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Before the phases, where somebody asks for it.
//===----------------------------------------------------------------------===//

def HeddleCheckGradients : Pass<"heddle-check-gradients", "::mlir::func::FuncOp"> {
  let summary = "Check each gradient against central differences";
  let description = [{
    Differentiates a copy of the function in float64 and runs it with the reference interpreter on random
    arguments. For each `wrt` of each gradient, the slope along a random direction u of elements 1 and -1 must
    be the one that is seen: `sum(gradient * u)` agrees with `D(h) = (loss(wrt + h u) - loss(wrt - h u)) / 2h` up
    to `|D(2h) - D(h)|`, three times the error that the step's length makes, and what rounding may do to both. Of a few
    steps h the one counts of which this is least: a kink of the loss, as relu has, is rarely within all. Where
    `stop_gradient` cuts the path, its value is held.

    Where the two differ, the derivative rule of each op on the way is checked by itself in the same manner, on
    the values that it had. Errors name the ops of wrong rules, or else the gradient. A gradient that cannot be
    checked, as where the loss is not a number, is named in a remark. Changes nothing.

    ```mlir
    // before --heddle-check-gradients, and after it if the rule of 'my.cube' is right
    %0 = my.cube %x : tensor<f32>
    %dx = heddle.gradient %0 wrt %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
    // error: the derivative of 'my.cube' is wrong for operand 0: along a random direction it gives the slope 0.52,
    // but the results change by 1.04
    ```
  }];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let options = [
    ListOption<"seeds", "seeds", "uint64_t", "Check once for each, on other arguments and directions (default: 0)">
  ];
  let statistics = [
    Statistic<"numChecked", "checked", "Gradients with respect to one value that are right">,
    Statistic<"numWrong", "wrong", "Gradients with respect to one value that are wrong">,
    Statistic<"numSkipped", "skipped", "Gradients with respect to one value that could not be checked">
  ];
}

//===----------------------------------------------------------------------===//
// Phase differentiate: gradients become ordinary ops.
//===----------------------------------------------------------------------===//

def HeddleDifferentiate : Pass<"heddle-differentiate", "::mlir::func::FuncOp"> {
  let summary = "Replace each gradient by the backward computation";
  let description = [{
    Reverse-mode differentiation through `DifferentiableOpInterface`. Only values that depend on a `wrt` and
    that the loss depends on get a cotangent; cotangents of a value with several uses are added in reverse
    program order. A `wrt` without influence on the loss gets zeros.

    What a rule makes is called "gradient of" its op in remarks: its location says so.

    Integers and booleans carry no gradient. A cotangent that reaches an op that has floating-point operands
    on the way to a `wrt` but no derivative is an error at that op, with the path from the `wrt` to the loss.

    ```mlir
    %y = heddle.mul %x, %x : tensor<f32>
    %dx = heddle.gradient %y wrt %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
    // becomes
    %y = heddle.mul %x, %x : tensor<f32>
    %one = heddle.constant dense<1.0> : tensor<f32>
    %a = heddle.mul %one, %x : tensor<f32>
    %b = heddle.mul %one, %x : tensor<f32>
    %dx = heddle.add %a, %b : tensor<f32>
    ```
  }];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [
    Statistic<"numGradients", "gradients", "Gradient ops replaced">,
    Statistic<"numRules", "rules", "Derivative rules applied">
  ];
}

//===----------------------------------------------------------------------===//
// Phase simplify: primitives only, and as few as possible.
//===----------------------------------------------------------------------===//

def HeddleDecompose : Pass<"heddle-decompose", "::mlir::func::FuncOp"> {
  let summary = "Replace composite ops by primitives";
  let description = [{
    Replaces each op with `DecomposableOpInterface` by its decomposition, and what that contains by theirs,
    until none is left but the ops named in `keep`. Of these, one is left whole only where every operand is a
    tensor of f32, which is what backends have kernels for; with f16, bf16 or f64 it goes too. Remarks:
    such ops, whether they stay whole, and why not. What an op was decomposed to keeps its name in the location.

    ```mlir
    %y = heddle.silu %x : tensor<4xf32>
    // becomes
    %s = heddle.sigmoid %x : tensor<4xf32>
    %y = heddle.mul %x, %s : tensor<4xf32>
    ```
  }];
  let options = [
    ListOption<"keep", "keep", "std::string", "Names of the ops to leave whole where their operands are f32, as in heddle.attention">
  ];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [Statistic<"numDecomposed", "decomposed", "Composite ops replaced">];
}

def HeddleSimplify : Pass<"heddle-simplify", "::mlir::func::FuncOp"> {
  let summary = "Canonicalise, share equal ops, drop dead ones, and rewrite what costs a pass over memory";
  let description = [{
    Canonicalisation and common-subexpression elimination to a fixed point, together with rewrites that pay:
    - broadcasts: of a broadcast, of a constant, of an iota, of index arithmetic; size-1 dimensions dropped;
    - reductions of reductions, over size-1 dimensions, of broadcasts;
    - transposes and reshapes that cancel or merge; transposes of a `dot_general`'s operands move into its
      dimension lists, and a transposed `dot_general` swaps its operands;
    - a sum of pads whose boxes tile the result becomes a `concat` (the derivative of a split);
    - an addition to the result of `scatter_add` into zeros becomes the table it adds to;
    - chains of products with constants, and casts of casts that lose nothing.

    ```mlir
    %a = heddle.pad %x low [0] high [4] interior [0] : tensor<4xf32>
    %b = heddle.pad %y low [4] high [0] interior [0] : tensor<4xf32>
    %z = heddle.add %a, %b : tensor<8xf32>
    // becomes
    %z = heddle.concat %x, %y {dimension = 0 : i64} : tensor<4xf32>, tensor<4xf32>
    ```
  }];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [
    Statistic<"numRewrites", "rewrites", "Patterns applied">,
    Statistic<"numShared", "shared", "Ops replaced by an equal one">
  ];
}

//===----------------------------------------------------------------------===//
// Phase fuse: kernels, library calls and views only.
//===----------------------------------------------------------------------===//

def HeddleNormalizeReductions : Pass<"heddle-normalize-reductions", "::mlir::func::FuncOp"> {
  let summary = "Make each reduction one over the trailing or over the leading dimensions";
  let description = [{
    A reduction over trailing dimensions is done a row at a time, one over leading dimensions a column at a
    time. Others are split in two, or their operand is transposed. A reduction of everything that is longer
    than `serial-limit` is split into one of the rows and one of what is left, since the last step has no
    parallelism; a vector is cut into rows first, and what is computed for it alone is computed in rows too.
    Remarks: reductions in two steps, and operands that are transposed.

    ```mlir
    %y = heddle.reduce_sum %x [0, 1] : tensor<512x512xf32>
    // becomes
    %rows = heddle.reduce_sum %x [1] : tensor<512x512xf32>
    %y = heddle.reduce_sum %rows [0] : tensor<512xf32>
    ```
  }];
  let options = [
    Option<"serialLimit", "serial-limit", "int64_t", "4096", "Elements that one thread may reduce by itself">
  ];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [
    Statistic<"numSplit", "split", "Reductions made two">,
    Statistic<"numTransposed", "transposed", "Reductions whose operand is transposed">
  ];
}

def HeddleMaterializeLayouts : Pass<"heddle-materialize-layouts", "::mlir::func::FuncOp"> {
  let summary = "Copy where a view would not do";
  let description = [{
    Transposes, slices and reshapes are views: other strides on the same memory. A reshape whose operand's
    strides do not allow it gets a copy of the operand, as a fusion of kind `single`; so does a transposed or
    sliced view that the function returns. Remarks: each copy, and for whom.

    ```mlir
    %t = heddle.transpose %x [1, 0] : tensor<4x8xf32>
    %y = heddle.reshape %t : tensor<8x4xf32> to tensor<32xf32>
    // becomes
    %t = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<8x4xf32> attributes {kind = "single"} {
      %0 = heddle.transpose %a [1, 0] : tensor<4x8xf32>
      heddle.yield %0 : tensor<8x4xf32>
    }
    %y = heddle.reshape %t : tensor<8x4xf32> to tensor<32xf32>
    ```
  }];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [Statistic<"numCopies", "copies", "Copies made">];
}

def HeddleFuseContractions : Pass<"heddle-fuse-contractions", "::mlir::func::FuncOp"> {
  let summary = "Form library contractions with their bias";
  let description = [{
    An f32 `dot_general` becomes a `contraction`, which takes along the addition of a bias over the last
    dimension where nothing else uses the product. Remarks: biases taken along, those that were not and why, and
    products that stay plain loops since they are not of f32.

    ```mlir
    %p = heddle.dot_general %x, %w batch [] x [] contract [1] x [1] : tensor<4x8xf32>, tensor<5x8xf32>
    %c = heddle.broadcast %b [1] : tensor<5xf32> to tensor<4x5xf32>
    %y = heddle.add %p, %c : tensor<4x5xf32>
    // becomes
    %y = heddle.contraction %x, %w bias %b batch [] x [] contract [1] x [1]
        : (tensor<4x8xf32>, tensor<5x8xf32>, tensor<5xf32>) -> tensor<4x5xf32>
    ```
  }];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [
    Statistic<"numContractions", "contractions", "Contractions formed">,
    Statistic<"numBiases", "biases", "Biases taken along">
  ];
}

def HeddleFuse : Pass<"heddle-fuse", "::mlir::func::FuncOp"> {
  let summary = "Group ops into fusions, each one kernel";
  let description = [{
    After this pass a function holds fusions, contractions, constants, views and the return. A fusion has one
    of three kinds, described in `FusionForm.h`: `rows` (elementwise ops and reductions of whole rows),
    `columns` (elementwise ops that end in reductions over the leading dimensions) and `single` (one op).

    Ops over the same rows are grouped along their uses, unless a path through an op outside would make a
    cycle. A value that several groups need is written to memory once, or computed again in each, whichever
    moves fewer bytes: see `FusionGraph.h`.

    Remarks: the ops of each kernel that has several; for each op that reads another kernel's result, why the two
    are not one (a matrix product, a view or a kernel of one op between them, other shapes, rows and columns, a
    gather by index, another op on the way, `max-operands`); and values that several kernels need, written or
    computed by each of them.

    ```mlir
    %m = heddle.reduce_max %x [1] : tensor<4x8xf32>
    %b = heddle.broadcast %m [0] : tensor<4xf32> to tensor<4x8xf32>
    %y = heddle.sub %x, %b : tensor<4x8xf32>
    // becomes
    %y = heddle.fusion(%a = %x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
        attributes {domain = array<i64: 4, 8>, kind = "rows", row_rank = 1 : i64} {
      %0 = heddle.reduce_max %a [1] : tensor<4x8xf32>
      %1 = heddle.broadcast %0 [0] : tensor<4xf32> to tensor<4x8xf32>
      %2 = heddle.sub %a, %1 : tensor<4x8xf32>
      heddle.yield %2 : tensor<4x8xf32>
    }
    ```
  }];
  let options = [
    Option<"maxOperands", "max-operands", "int64_t", "18",
           "Operands and results that a fusion may have while groups grow (at most 63)">
  ];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [
    Statistic<"numRows", "rows", "Fusions of kind rows">,
    Statistic<"numColumns", "columns", "Fusions of kind columns">,
    Statistic<"numSingle", "single", "Fusions of kind single">
  ];
}

def HeddlePlaceUpdates : Pass<"heddle-place-updates", "::mlir::func::FuncOp"> {
  let summary = "Write new state as soon as it can be";
  let description = [{
    Moves each fusion that gives new state (a result with `heddle.updates`) up to where its operands are there
    and all others have read the old state. A gradient then need not be kept until the end of the step. What
    updates share, such as the learning rate, is moved up before them.

    ```mlir
    %g = heddle.contraction %x, %dy ...
    %next = heddle.contraction %dy, %w ...
    %u = heddle.fusion(%a = %p, %b = %g) ... { a - 0.1 b }
    return %u
    // becomes
    %g = heddle.contraction %x, %dy ...
    %u = heddle.fusion(%a = %p, %b = %g) ... { a - 0.1 b }
    %next = heddle.contraction %dy, %w ...
    return %u
    ```
  }];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [Statistic<"numPlaced", "placed", "Updates placed">];
}

def HeddleDelayLargeResults : Pass<"heddle-delay-large-results", "::mlir::func::FuncOp"> {
  let summary = "Compute what is larger than its operands just before it is used";
  let description = [{
    For functions of fusions and contractions, whose order is that of the block. A fusion or contraction is moved
    down to its first reader where its results take more memory than what it reads and nobody else needs so long.
    The gradient of a tied embedding is: a product of the logits' gradient, to which the rows looked up are added
    at the end of the step. Nothing is moved past the op that overwrites an argument which it reads. An elementwise
    fusion of the product just before it may be computed by the product's kernel: nothing is moved between those two
    unless it saves more memory than the product takes. Remarks: what is delayed.

    ```mlir
    %dw = heddle.contraction %dy, %x ... -> tensor<1024x512xf32>
    %dx = heddle.contraction %dy, %w ... -> tensor<64x512xf32>
    %more = heddle.fusion(%a = %dx) ...
    %sum = heddle.fusion(%a = %dw, %b = %more) ...
    // becomes
    %dx = heddle.contraction %dy, %w ... -> tensor<64x512xf32>
    %more = heddle.fusion(%a = %dx) ...
    %dw = heddle.contraction %dy, %x ... -> tensor<1024x512xf32>
    %sum = heddle.fusion(%a = %dw, %b = %more) ...
    ```
  }];
  let options = [
    Option<"minBytes", "min-bytes", "int64_t", "1 << 20", "Ops with smaller results stay where they are">
  ];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [Statistic<"numDelayed", "delayed", "Ops moved down to their first reader">];
}

def HeddleSplitUpdates : Pass<"heddle-split-updates", "::mlir::func::FuncOp"> {
  let summary = "Compute large gradients and their updates in parts";
  let description = [{
    A gradient of more than `max-bytes` that is a matrix product, rows added to it perhaps, and is there for one
    fusion of new state alone, is computed and used a part of its rows at a time. Parts of a tensor are views, and
    the `concat` of the new parts is no copy where each can be written in its place. To rows that are added, those
    of other parts are zeros. The gradient stays whole where the update's rows cannot be computed by themselves
    (random numbers, indices, an operand with a column for each row), or the product reads an argument. Remarks: the
    gradients that are split.

    ```mlir
    %g = heddle.contraction %dy, %x ... -> tensor<1024x512xf32>
    %u = heddle.fusion(%a = %p, %b = %g) ... { a - 0.1 b }
    return %u
    // becomes
    %dy0 = heddle.slice %dy [0, 0] to [64, 512] by [1, 1] : tensor<64x1024xf32>
    %g0 = heddle.contraction %dy0, %x ... -> tensor<512x512xf32>
    %p0 = heddle.slice %p [0, 0] to [512, 512] by [1, 1] : tensor<1024x512xf32>
    %u0 = heddle.fusion(%a = %p0, %b = %g0) ... { a - 0.1 b }
    // ... %u1 of the other half
    %u = heddle.fusion(%a = %u0, %b = %u1) ... { concat a, b }
    return %u
    ```
  }];
  let options = [
    Option<"maxBytes", "max-bytes", "int64_t", "1 << 24", "Larger gradients are split, in parts of at most so many bytes">
  ];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [Statistic<"numSplit", "split", "Gradients computed in parts">];
}

def HeddleRematerialize : Pass<"heddle-rematerialize", "::mlir::func::FuncOp"> {
  let summary = "Compute large values again instead of keeping them";
  let description = [{
    For functions of fusions and contractions, whose order is that of the block. Where the most memory is in
    use, a result of a fusion of kind `rows` may do nothing but wait for a later op, as the forward part's do
    for the backward part. If no more than `max-ops` elementwise ops give it back from values that wait there
    as well (the operands or the other results of its fusion), it is computed again, in a fusion before the
    first of the later ops, and its memory is free in between. Reductions are not done again. Remarks: what is
    computed again, and what waits there because it cannot be.

    ```mlir
    %g = heddle.fusion(%a = %h) ... { gelu }
    %y = heddle.contraction %g, %w ...
    // ... the most memory is in use
    %dw = heddle.contraction %dy, %g ...
    %dh = heddle.fusion(%a = %dy, %b = %h) ... { the gradient of gelu }
    // becomes
    %g = heddle.fusion(%a = %h) ... { gelu }
    %y = heddle.contraction %g, %w ...
    // ...
    %again = heddle.fusion(%a = %h) ... { gelu }
    %dw = heddle.contraction %dy, %again ...
    %dh = heddle.fusion(%a = %dy, %b = %h) ... { the gradient of gelu }
    ```
  }];
  let options = [
    Option<"minBytes", "min-bytes", "int64_t", "1 << 18", "Smaller values are kept">,
    Option<"maxOps", "max-ops", "int64_t", "32", "Values that take more ops are kept">
  ];
  let dependentDialects = ["::heddle::ir::HeddleDialect"];
  let statistics = [Statistic<"numRematerialized", "rematerialized", "Values computed again">];
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

def HeddleVerifyPhase : Pass<"heddle-verify-phase", "::mlir::ModuleOp"> {
  let summary = "Check what a phase promises";
  let description = [{
    Fails with an error at each op that may not remain after `phase`: `differentiate` leaves no gradient,
    `simplify` no composite but those that decompose was told to `keep`, and `fuse` only what it lists, every fusion in one of its three forms. Changes
    nothing.

    ```mlir
    // before --heddle-verify-phase="phase=simplify", and after it unless there is a composite:
    %s = heddle.sigmoid %x : tensor<4xf32>
    %y = heddle.mul %x, %s : tensor<4xf32>
    // error: is left after phase simplify, which decomposes composite ops
    %z = heddle.silu %x : tensor<4xf32>
    ```
  }];
  let options = [
    Option<"phase", "phase", "std::string", "\"\"", "The phase that has just run: differentiate, simplify or fuse">,
    ListOption<"keep", "keep", "std::string", "What heddle-decompose was told to keep">
  ];
  let statistics = [Statistic<"numChecked", "checked", "Ops checked">];
}

def HeddleDump : Pass<"heddle-dump", "::mlir::ModuleOp"> {
  let summary = "Print the module to stderr";
  let description = [{
    After each phase that the environment variable HEDDLE_DUMP names. Large constants are left out. Changes nothing.

    ```mlir
    // after --heddle-dump="phase=simplify", on stderr:
    // ----- after phase simplify -----
    module {
    ...
    ```
  }];
  let options = [Option<"phase", "phase", "std::string", "\"\"", "The phase that has just run, for the heading">];
}

#endif
