//===- Structure.cpp - ops about ops --------------------------------------===//

#include "Evaluate.h"
#include "heddle/ir/Ops.h"

using namespace mlir;
using namespace heddle::ir;

//===----------------------------------------------------------------------===//
// gradient
//===----------------------------------------------------------------------===//

LogicalResult GradientOp::verify() {
  if (getLoss().getType().getRank() != 0)
    return emitOpError("expects a scalar loss, got ") << getLoss().getType();
  if (getWrt().size() != getGradients().size())
    return emitOpError("gives one result for each wrt, expected ")
           << getWrt().size() << ", got " << getGradients().size();
  for (auto [i, wrt, gradient] : llvm::enumerate(getWrt(), getGradients()))
    if (wrt.getType() != gradient.getType())
      return emitOpError("result ") << i << " must have the type of wrt " << i << ", "
                                    << wrt.getType() << ", got " << gradient.getType();
  return success();
}

//===----------------------------------------------------------------------===//
// fusion
//===----------------------------------------------------------------------===//

// `(%a = %x, ...) : (types) -> types attributes {...} { ... }`
ParseResult FusionOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  FunctionType type;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseAssignmentList(arguments, operands) || parser.parseColonType(type) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  if (type.getNumInputs() != arguments.size())
    return parser.emitError(loc) << "expected a type for each of the " << arguments.size()
                                 << " inputs, got " << type.getNumInputs();
  for (auto [argument, argumentType] : llvm::zip_equal(arguments, type.getInputs()))
    argument.type = argumentType;
  result.addTypes(type.getResults());
  return failure(parser.resolveOperands(operands, type.getInputs(), loc, result.operands) ||
                 parser.parseRegion(*result.addRegion(), arguments));
}
void FusionOp::print(OpAsmPrinter &printer) {
  printer << '(';
  llvm::interleaveComma(
      llvm::zip_equal(getBody().getArguments(), getInputs()), printer,
      [&](auto pair) { printer << std::get<0>(pair) << " = " << std::get<1>(pair); });
  printer << ") : ";
  printer.printFunctionalType(*this);
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult FusionOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getInputs().size())
    return emitOpError("expects a block argument for each of the ")
           << getInputs().size() << " inputs, got " << block.getNumArguments();
  for (auto [i, argument, input] : llvm::enumerate(block.getArguments(), getInputs()))
    if (argument.getType() != input.getType())
      return emitOpError("block argument ") << i << " must have the type of input " << i << ", "
                                            << input.getType() << ", got " << argument.getType();
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield)
    return emitOpError("expects a body that ends in 'heddle.yield'");
  if (yield.getValues().size() != getOutputs().size())
    return emitOpError("yields ") << yield.getValues().size()
                                  << " values, expected one for each of the " << getOutputs().size()
                                  << " results";
  for (auto [i, value, output] : llvm::enumerate(yield.getValues(), getOutputs()))
    if (value.getType() != output.getType())
      return emitOpError("yielded value ") << i << " must have the type of result " << i << ", "
                                           << output.getType() << ", got " << value.getType();
  return success();
}
LogicalResult FusionOp::evaluate(ArrayRef<const HostTensor *> operands,
                                 MutableArrayRef<HostTensor> results) {
  auto values = evaluateBlock(getBody().front(), operands);
  if (failed(values))
    return failure();
  for (auto [result, value] : llvm::zip_equal(results, *values))
    result = std::move(value);
  return success();
}
