//===- Plan.h - what the planned form says of itself ------------------------===//
//
// Attributes that the pass heddle-cpu-plan leaves and that emit reads: see docs/design.md, "The
// planned form".
//
//===----------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"

#include <cstddef>
#include <string>

namespace heddle::cpu {

/// What the function that the model calls `name` is called once it is planned: no symbol of libm or
/// of the runtime, and no kernel, has a dot in its name.
inline std::string entryFunctionName(llvm::StringRef name) { return "fn." + name.str(); }

/// The function that makes packed tensor `number`.
inline std::string packerFunctionName(size_t number) { return "pack." + std::to_string(number); }

/// On a planned function: the model's name for it.
inline constexpr char kEntryAttr[] = "heddle.entry";
/// On a planned function: for each launch, in order, `kernel`, the source line `where`, and the
/// `bytes` and `ops` that it cannot do with less of.
inline constexpr char kLaunchesAttr[] = "heddle.launches";
/// On a planned function: for each piece of the arena, its `offset` and `bytes`, and the numbers of
/// the `launches` that use it, in order; the first of them writes it.
inline constexpr char kBuffersAttr[] = "heddle.buffers";
/// On a planned argument: it is state that the function changes.
inline constexpr char kUpdatedAttr[] = "heddle.updated";
/// On a planned argument: it is state that lies in panels; along which dimension, and how wide they
/// are.
inline constexpr char kPanelsAttr[] = "heddle.panels";
/// On a planned argument: the number of the packed tensor that it is.
inline constexpr char kPackedAttr[] = "heddle.packed";
/// On a function that makes a packed tensor of its second argument in its third: the name of the
/// tensor that it is made of. `heddle.bytes` is its size.
inline constexpr char kPackerAttr[] = "heddle.packer";
/// On a planned argument of type memref<0xT>: the shape of the empty tensor that it stands for.
inline constexpr char kShapeAttr[] = "heddle.shape";

} // namespace heddle::cpu
