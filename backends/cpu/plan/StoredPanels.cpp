//===- StoredPanels.cpp - state that lies in panels at all times -------------===//

#include "StoredPanels.h"
#include "ProductProviders.h"
#include "heddle/cpu/ContractionLayout.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Remarks.h"
#include "heddle/passes/Updates.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;
using namespace heddle::passes;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The state that the argument is; null if it is an input.
static StringAttr stateName(BlockArgument argument) {
  auto function = cast<func::FuncOp>(argument.getOwner()->getParentOp());
  const unsigned number = argument.getArgNumber();
  auto kind = function.getArgAttrOfType<StringAttr>(number, ir::HeddleDialect::kKindAttr);
  if (!kind || kind.getValue() == "input")
    return {};
  return function.getArgAttrOfType<StringAttr>(number, ir::HeddleDialect::kNameAttr);
}

std::optional<SecondOperand> heddle::cpu::secondOperand(ir::ContractionOp product) {
  Value value = product.getY();
  if (typeOf(value).getRank() != 2 || !product.getYBatch().empty() ||
      product.getYContract().size() != 1)
    return std::nullopt;
  int64_t free = 1 - product.getYContract()[0];
  while (auto transpose = value.getDefiningOp<ir::TransposeOp>()) {
    free = transpose.getPermutation()[free];
    value = transpose.getX();
  }
  return SecondOperand{value, free};
}

/// Whether its second operand can lie in panels.
static bool isPossibleProduct(ir::ContractionOp product) {
  return secondOperand(product) && typeOf(product.getX()).getNumElements() > 0;
}

/// Whether its result can: a matrix, whose rows are one dimension of the first operand.
static bool isPossibleGradient(ir::ContractionOp product) {
  return typeOf(product.getX()).getNumElements() > 0 && product.getXBatch().empty() &&
         !product.getBias() && typeOf(product).getRank() == 2 &&
         typeOf(product.getX()).getRank() - product.getXContract().size() == 1;
}

/// The op of the fusion that does not do the same to each element wherever it lies; null, if all
/// that it reads and writes are all elements of its domain, or a single one.
static Operation *opWithOrder(ir::FusionOp fusion) {
  Block &body = fusion.getBody().front();
  if (fusion->getAttrOfType<StringAttr>(kFusionKindAttr).getValue() != "rows")
    return &body.front();
  ArrayRef<int64_t> domain =
      fusion->getAttrOfType<DenseI64ArrayAttr>(kFusionDomainAttr).asArrayRef();
  auto isEither = [&](Value value) {
    return typeOf(value).getShape() == domain || typeOf(value).getNumElements() == 1;
  };
  auto isScalarBroadcast = [](Operation &op) {
    auto broadcast = dyn_cast<ir::BroadcastOp>(op);
    return broadcast && typeOf(broadcast->getOperand(0)).getNumElements() == 1;
  };
  for (Operation &op : body)
    if (!(isa<ir::ElementwiseOpInterface, ir::YieldOp>(op) || isScalarBroadcast(op) ||
          isSplatConstant(&op) || isReduction(&op)) ||
        !llvm::all_of(op.getOperands(), isEither) || !llvm::all_of(op.getResults(), isEither))
      return &op;
  return nullptr;
}

namespace {
/// What must lie in panels if one parameter does: the optimiser's state, gradients, new values.
class PanelGroup {
public:
  PanelGroup(ModuleOp module, ArrayRef<int64_t> shape) : module(module), shape(shape) {}

  /// Why something that reads or writes `name`, or what must lie as it does, cannot; empty if all
  /// can.
  std::string close(StringAttr name) {
    addState(name);
    while (obstacle.empty() && !pending.empty())
      visit(pending.pop_back_val());
    return obstacle;
  }

  llvm::SmallDenseSet<Value> values;
  llvm::SmallSetVector<Attribute, 4> names;

private:
  void add(Value value) {
    if (typeOf(value).getShape() != shape || !typeOf(value).getElementType().isF32())
      fail("it is updated with a tensor of another shape or type");
    else if (values.insert(value).second)
      pending.push_back(value);
  }

  void addState(StringAttr name) {
    if (!names.insert(name))
      return;
    for (auto function : module.getOps<func::FuncOp>())
      for (BlockArgument argument : function.getArguments())
        if (stateName(argument) == name)
          add(argument);
  }

  void visit(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      StringAttr name = stateName(argument);
      if (!name)
        return fail("it is updated with an input");
      addState(name);
      addNewState(argument);
    } else if (auto fusion = value.getDefiningOp<ir::FusionOp>()) {
      addFusion(fusion);
    } else if (auto product = value.getDefiningOp<ir::ContractionOp>();
               !product || !isPossibleGradient(product)) {
      return fail("it is updated with what " + nameForUser(value.getDefiningOp()) +
                  " gives in another order");
    }
    visitUses(value, isa<BlockArgument>(value));
  }

  void visitUses(Value value, bool isState) {
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      auto product = dyn_cast<ir::ContractionOp>(user);
      if (isState && isa<ir::TransposeOp>(user))
        visitUses(user->getResult(0), /*isState=*/true);
      else if (isState && product && &use == &product.getYMutable() && isPossibleProduct(product))
        continue;
      else if (auto fusion = dyn_cast<ir::FusionOp>(user); fusion && values.contains(value))
        addFusion(fusion);
      else if (isa<func::ReturnOp>(user) && values.contains(value))
        addOldState(cast<func::FuncOp>(user->getParentOp()), use.getOperandNumber());
      else
        return fail(nameForUser(user) + " reads it in another order");
    }
  }

  void addFusion(ir::FusionOp fusion) {
    if (Operation *op = opWithOrder(fusion))
      return fail("what " + nameForUser(op) + " computes depends on where its elements are");
    for (ValueRange group : {ValueRange(fusion.getInputs()), ValueRange(fusion.getOutputs())})
      for (Value value : group)
        if (typeOf(value).getNumElements() != 1)
          add(value);
  }

  /// What the function gives the argument as its new value.
  void addNewState(BlockArgument argument) {
    auto function = cast<func::FuncOp>(argument.getOwner()->getParentOp());
    Operation *terminator = function.getBody().front().getTerminator();
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      if (updatedArgument(function, i) == argument.getArgNumber())
        add(terminator->getOperand(i));
  }

  /// The argument whose new value the function's result is.
  void addOldState(func::FuncOp function, unsigned result) {
    if (auto argument = updatedArgument(function, result))
      add(function.getArgument(*argument));
    else
      fail("a function returns it");
  }

  void fail(std::string reason) { obstacle = std::move(reason); }

  ModuleOp module;
  ArrayRef<int64_t> shape;
  SmallVector<Value> pending;
  std::string obstacle;
};
} // namespace

/// Whether the library runs the product, its first operand and its result in rows.
static bool goesToLibrary(ir::ContractionOp product, const ProductProviders &providers) {
  Layout y = Layout::dense(typeOf(product.getY()));
  if (auto transpose = product.getY().getDefiningOp<ir::TransposeOp>())
    y = Layout::dense(typeOf(transpose.getX())).transposed(transpose.getPermutation());
  ContractionNeeds needs;
  auto layout = layoutContraction(product, Layout::dense(typeOf(product.getX())), y,
                                  Layout::dense(typeOf(product)), needs);
  auto function = product->getParentOfType<func::FuncOp>();
  return layout && providers.reasonForLibrary(*layout, layout->key(bool(product.getBias())),
                                              function.getName());
}

StoredPanels::StoredPanels(ModuleOp module, int64_t width, const ProductProviders &providers)
    : panelWidth(width) {
  SmallVector<ir::ContractionOp> products;
  for (auto function : module.getOps<func::FuncOp>())
    llvm::append_range(products, function.getOps<ir::ContractionOp>());
  auto withoutKernel = [&](const PanelGroup &group) -> std::string {
    auto isInPanels = [&](Value value) {
      return group.values.contains(value) || dimensions.contains(value);
    };
    for (ir::ContractionOp product : products) {
      std::optional<SecondOperand> y = secondOperand(product);
      const bool isGradient = isInPanels(product), readsPanels = y && isInPanels(y->value);
      if (isGradient && readsPanels)
        return "a product of a parameter is the gradient of another";
      if ((isGradient || readsPanels) && goesToLibrary(product, providers))
        return "oneDNN runs a product of it";
    }
    return "";
  };
  for (ir::ContractionOp product : products) {
    std::optional<SecondOperand> y = secondOperand(product);
    auto argument = y ? dyn_cast<BlockArgument>(y->value) : BlockArgument();
    StringAttr name = argument ? stateName(argument) : StringAttr();
    if (!name || names.contains(name))
      continue;
    ArrayRef<int64_t> shape = typeOf(argument).getShape();
    const int64_t lanes = shape[y->free], positions = shape[1 - y->free];
    // Products with a vector read any order at the memory's speed.
    if (lanes == 0 || positions < 2 || typeOf(product).getNumElements() == lanes)
      continue;
    PanelGroup group(module, shape);
    std::string obstacle = lanes % width == 0
                               ? group.close(name)
                               : (Twine(lanes) + (y->free == 0 ? " rows" : " columns") +
                                  " are no multiple of " + Twine(width))
                                     .str();
    if (obstacle.empty())
      obstacle = withoutKernel(group);
    if (!obstacle.empty()) {
      inRows.try_emplace(name, Missed{product, obstacle});
      continue;
    }
    for (Value value : group.values)
      dimensions[value] = y->free;
    names.insert(group.names.begin(), group.names.end());
  }
  inRows.remove_if([&](const auto &entry) { return names.contains(entry.first); });
}

std::optional<int64_t> StoredPanels::dimension(Value value) const {
  auto found = dimensions.find(value);
  return found == dimensions.end() ? std::nullopt : std::optional(found->second);
}
