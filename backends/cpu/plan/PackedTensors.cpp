//===- PackedTensors.cpp - parameters in the order in which kernels read them -===//

#include "PackedTensors.h"
#include "heddle/ir/Ops.h"
#include "heddle/passes/Updates.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

/// Packing b in each call takes 8 / m of the time of a product with AVX2; with AVX-512 more, at
/// 1024 rows 7 %. With more rows than this it is not worth the memory of a second copy.
static constexpr int64_t kMostRows = 1024;

/// Whether its values stay from one call of this function to the next.
static bool isKept(BlockArgument argument) {
  auto function = cast<func::FuncOp>(argument.getOwner()->getParentOp());
  const unsigned number = argument.getArgNumber();
  auto kind = function.getArgAttrOfType<StringAttr>(number, ir::HeddleDialect::kKindAttr);
  if (!kind || kind.getValue() != "parameter")
    return false;
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    if (passes::updatedArgument(function, i) == number)
      return false;
  return true;
}

std::optional<size_t> PackedTensors::find(BlockArgument argument, const Layout &layout,
                                          const ContractionLayout &product,
                                          KernelLibrary &kernels) {
  if (!isWanted || product.m > kMostRows || !isKept(argument))
    return std::nullopt;
  const std::optional<PackedForm> form = kernels.packedForm(product);
  if (!form)
    return std::nullopt;
  auto function = cast<func::FuncOp>(argument.getOwner()->getParentOp());
  auto name =
      function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), ir::HeddleDialect::kNameAttr);
  for (auto [i, tensor] : llvm::enumerate(tensors))
    if (tensor.name == name && tensor.offset == layout.offset && tensor.form == *form)
      return i;
  tensors.push_back({name, layout.offset, *form, kernels.pack(argument.getLoc(), *form)});
  return tensors.size() - 1;
}
