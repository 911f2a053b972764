//===- ScheduleProducts.cpp - matrix products as launches --------------------===//

#include "Scheduler.h"
#include "heddle/passes/FusionForm.h"
#include "heddle/passes/Updates.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cpu;

/// Why the kernel of `product` cannot compute the fusion; null if it can.
static const char *obstacle(const ContractionLayout &product, ir::FusionOp fusion) {
  ArrayRef<int64_t> domain =
      fusion->getAttrOfType<DenseI64ArrayAttr>(passes::kFusionDomainAttr).asArrayRef();
  if (isVectorProduct(product))
    return "a product with a vector takes nothing along";
  if (!product.batch.empty())
    return "the product is one of a batch";
  if (product.c.panel) // what reads it lies as it does
    return nullptr;
  // An update with moments moves six: to walk all of them in the blocks of the product takes longer
  // than what it saves, which is to read the product from memory.
  if (otherTensors(fusion) > 3)
    return "it moves more than three other tensors";
  if (product.c.column != 1 || product.n != domain.back())
    return "its rows are not those of the product";
  return nullptr;
}

bool Scheduler::describePanels(ir::ContractionOp op, ContractionLayout &layout) const {
  const int64_t width = stored.width();
  if (std::optional<int64_t> dimension = stored.dimension(op)) {
    layout.c.row = *dimension == 0 ? 1 : width;
    layout.c.column = *dimension == 0 ? width : 1;
    layout.c.panel = width;
    return true;
  }
  std::optional<SecondOperand> y = secondOperand(op);
  std::optional<int64_t> dimension = y ? stored.dimension(y->value) : std::nullopt;
  if (!dimension)
    return false;
  const bool isAlongColumns = *dimension == y->free;
  layout.b.row = isAlongColumns ? width : 1;
  layout.b.column = isAlongColumns ? 1 : width;
  layout.b.panel = width;
  return true;
}

LogicalResult Scheduler::visitContraction(ir::ContractionOp op) {
  Place x = places[op.getX()], y = places[op.getY()];
  Place out = placeProduct(op);
  ContractionNeeds needs;
  auto layout = layoutContraction(op, x.layout, y.layout, out.layout, needs);
  if (!layout) {
    if (needs.copyX)
      x = ordered(op, op.getX(), op.getXBatch(), op.getXContract());
    if (needs.copyY)
      y = ordered(op, op.getY(), op.getYBatch(), op.getYContract());
    layout = layoutContraction(op, x.layout, y.layout, out.layout, needs);
    if (!layout)
      return op.emitError(
          "the CPU backend cannot bring this contraction's operands into matrix form");
  }
  const bool hasBias = bool(op.getBias());
  const std::string key = layout->key(hasBias);
  const bool hasPanels = describePanels(op, *layout);
  Product product{op, *layout, {op.getLoc(), {}, {}, hasBias, {}, key}};
  Step &step = product.step;
  step.arguments = {reference(x), reference(y)};
  step.work.bytes = distinctBytes(x.layout) + distinctBytes(y.layout) + distinctBytes(out.layout);
  step.work.ops = 2 * out.layout.count();
  for (int64_t d : op.getXContract())
    step.work.ops *= x.layout.shape[d];
  if (hasBias) {
    Place bias = places[op.getBias()];
    if (!bias.layout.isDense())
      bias = copied(op.getLoc(), bias, bias.layout.type());
    step.arguments.push_back(reference(bias));
  }
  step.arguments.push_back(reference(out));
  const DictionaryAttr attribute = layout->attribute(op.getContext(), hasBias);
  const char *reasonForLibrary =
      hasPanels ? nullptr : providers.reasonForLibrary(*layout, step.product, function.getName());
  ProductReader reader = epilogues.lookup(op);
  if (reader.fusion && !reader.obstacle)
    reader.obstacle =
        reasonForLibrary ? "oneDNN takes nothing along" : obstacle(*layout, reader.fusion);
  if (reader.obstacle)
    sayApart(reader.fusion, op, reader.obstacle);
  if (reasonForLibrary) {
    step.what = attribute;
    remarks.analysis(op.getLoc(), "Library")
        << remark::add("{0} is done by oneDNN", passes::detailedName(op))
        << remark::reason("{0}", reasonForLibrary);
    result.steps.push_back(std::move(step));
    return success();
  }
  if (isVectorProduct(*layout)) {
    step.what = *kernels.known(
        attribute, [&] { return kernels.vectorProduct(op.getLoc(), *layout, hasBias); });
    result.steps.push_back(std::move(step));
    return success();
  }
  const std::optional<size_t> form = hasPanels ? std::nullopt : packedForm(y, *layout);
  if (form) {
    product.isPacked = true;
    step.arguments[1] = {packedBuffer(*form), 0};
  }
  if (reader.fusion && !reader.obstacle)
    waiting.try_emplace(reader.fusion, std::move(product));
  else
    launchProduct(std::move(product));
  return success();
}

void Scheduler::sayApart(ir::FusionOp fusion, ir::ContractionOp product, const char *reason) const {
  Operation *reader = opThatReads(fusion, product.getResult());
  remarks.missed(reader->getLoc(), "NoEpilogue")
      << remark::add("{0} is not computed with the {1} that it reads", passes::nameForUser(reader),
                     passes::nameSeenFrom(reader->getLoc(), product))
      << remark::reason("{0}", reason);
}

Place Scheduler::placeProduct(ir::ContractionOp op) {
  ProductReader reader = epilogues.lookup(op);
  if (reader.fusion && !reader.obstacle && isOnlyReader(reader.fusion, op.getResult()))
    for (Value output : reader.fusion.getOutputs()) {
      auto it = direct.find(output);
      if (it == direct.end() || passes::updatedArgument(function, it->second.result) ||
          !typeOf(output).getElementType().isF32())
        continue;
      Layout layout = Layout::dense(op.getType());
      layout.offset = it->second.firstRow * Layout::dense(typeOf(output)).strides[0];
      return places[op.getResult()] = {destinations[it->second.result], layout};
    }
  return placeResult(op.getResult());
}

void Scheduler::launchProduct(Product product) {
  Builder b(product.op.getContext());
  const bool hasBias = product.step.hasBias;
  const Attribute key = b.getArrayAttr(
      {product.layout.attribute(b.getContext(), hasBias), b.getBoolAttr(product.isPacked)});
  product.step.what = *kernels.known(key, [&] {
    return kernels.matmul(product.op.getLoc(), product.layout, hasBias, product.isPacked);
  });
  result.steps.push_back(std::move(product.step));
}

bool Scheduler::overwritesOperand(const Product &product, ArrayRef<Place> results) {
  return llvm::any_of(results, [&](const Place &place) {
    return llvm::any_of(
        ArrayRef(product.step.arguments).drop_back(),
        [&](std::pair<size_t, int64_t> operand) { return operand.first == place.buffer; });
  });
}

SmallVector<unsigned> Scheduler::inputsInScratch(const Product &product, ir::FusionOp fusion) {
  SmallVector<unsigned> inputs;
  ir::ContractionOp op = product.op;
  const Value c = op.getResult();
  if (kernels.fitsInScratch(product.layout) && isOnlyReader(fusion, c))
    for (auto [i, input] : llvm::enumerate(fusion.getInputs()))
      if (passes::withoutViews(input) == c)
        inputs.push_back(static_cast<unsigned>(i));
  return inputs;
}

void Scheduler::launchWithEpilogue(Product product, ir::FusionOp fusion, ArrayRef<Place> arguments,
                                   ArrayRef<Layout> inputs, ArrayRef<Layout> outputs) {
  Step &step = product.step;
  const SmallVector<unsigned> inScratch = inputsInScratch(product, fusion);
  const std::pair<size_t, int64_t> nowhere{inScratch.empty() ? 0 : addBuffer({}), 0};
  if (!inScratch.empty())
    step.arguments.back() = nowhere;
  for (auto [i, place] : llvm::enumerate(arguments))
    step.arguments.push_back(llvm::is_contained(inScratch, i) ? nowhere : reference(place));
  step.work.bytes += distinctBytes(fusion, inputs, outputs);
  step.loc = FusedLoc::get(fusion.getContext(), {step.loc, fusion.getLoc()});
  // What passes from the product to the fusion moves within the cache.
  step.work.bytes -= 2 * distinctBytes(places[product.op.getResult()].layout);
  step.work.ops += countOps(fusion);
  Builder b(fusion.getContext());
  SmallVector<Attribute> key{product.layout.attribute(fusion.getContext(), step.hasBias),
                             b.getBoolAttr(product.isPacked), b.getStringAttr(textOf(fusion)),
                             b.getDenseI64ArrayAttr(llvm::to_vector_of<int64_t>(inScratch))};
  for (ArrayRef<Layout> group : {inputs, outputs})
    for (const Layout &layout : group)
      key.push_back(b.getDenseI64ArrayAttr(layout.strides));
  step.what = *kernels.known(b.getArrayAttr(key), [&] {
    return kernels.matmul(step.loc, product.layout, step.hasBias, product.isPacked, fusion, inputs,
                          outputs, inScratch);
  });
  Operation *reader = opThatReads(fusion, product.op.getResult());
  remarks.passed(reader->getLoc(), "Epilogue")
      << remark::add("{0} is computed with the {1} that it reads", passes::nameForUser(reader),
                     passes::nameSeenFrom(reader->getLoc(), product.op));
  result.steps.push_back(std::move(step));
}

std::optional<size_t> Scheduler::packedForm(const Place &y, const ContractionLayout &product) {
  const Buffer &buffer = result.buffers[y.buffer];
  if (buffer.kind != Buffer::Argument)
    return std::nullopt;
  return packed.find(function.getArgument(buffer.index), y.layout, product, kernels);
}

size_t Scheduler::packedBuffer(size_t number) {
  for (auto [i, buffer] : llvm::enumerate(result.buffers))
    if (buffer.kind == Buffer::Packed && buffer.index == number)
      return i;
  Buffer buffer;
  buffer.kind = Buffer::Packed;
  buffer.index = number;
  return addBuffer(buffer);
}

Place Scheduler::ordered(ir::ContractionOp op, Value operand, ArrayRef<int64_t> batch,
                         ArrayRef<int64_t> contract) {
  const Place from = places[operand];
  remarks.missed(op.getLoc(), "OperandCopied")
      << remark::add("an operand ({0}) of {1} is copied first", passes::sizeForUser(operand),
                     passes::nameForUser(op))
      << remark::reason("its dimensions lie in memory in an order that no product reads");
  SmallVector<int64_t> order(batch);
  for (int64_t d = 0; d < from.layout.rank(); ++d)
    if (!llvm::is_contained(batch, d) && !llvm::is_contained(contract, d))
      order.push_back(d);
  llvm::append_range(order, contract);
  Place permuted{from.buffer, from.layout.transposed(order)};
  Place dense = copied(op.getLoc(), permuted, permuted.layout.type());
  SmallVector<int64_t> inverse(order.size());
  for (auto [i, d] : llvm::enumerate(order))
    inverse[d] = i;
  return {dense.buffer, dense.layout.transposed(inverse)};
}
