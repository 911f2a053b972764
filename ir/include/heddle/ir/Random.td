//===- Random.td - counter-based random numbers ---------------------------===//

#ifndef HEDDLE_RANDOM_TD
#define HEDDLE_RANDOM_TD

include "heddle/ir/HeddleBase.td"

def Heddle_RandomUniformOp : Heddle_Op<"random_uniform", [Heddle_NoDerivative]> {
  let summary = "Uniform numbers in [0, 1) from a counter";
  let description = [{
    Element i (row-major) is `(w >> 8) * 2^-24`, with w the first word of
    Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) at
    counter `(i mod 2^32, i div 2^32, stream, step mod 2^32)` and key `(seed mod 2^32, seed div 2^32)`,
    where the operand is `(seed, step)`. A pure function: the same operand and stream give the same numbers.

    ```mlir
    %y = heddle.random_uniform %key {stream = 3 : i64} : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins Heddle_RandomKey:$key, I64Attr:$stream);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "$key attr-dict `:` type($result)";
}

#endif
