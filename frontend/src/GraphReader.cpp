#include "GraphReader.h"

#include "heddle/cpu/Layout.h"
#include "heddle/ir/Ops.h"

#include "mlir/IR/Builders.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

using namespace mlir;

namespace heddle {
namespace {

template <typename Printable> std::string printed(const Printable &what) {
  std::string text;
  llvm::raw_string_ostream(text) << what;
  return text;
}

std::string describe(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return fmt::format("{} [{}]", printed(tensor.getElementType()),
                     fmt::join(tensor.getShape(), ", "));
}

std::string describe(TypeRange types) {
  std::vector<std::string> parts;
  for (Type type : types)
    parts.push_back(describe(type));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::int64_t bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getNumElements() * cpu::elementBytes(tensor.getElementType());
}

std::string attributesOf(Operation *op) {
  std::vector<std::string> parts;
  for (NamedAttribute attribute : op->getAttrs()) {
    auto elements = dyn_cast<ElementsAttr>(attribute.getValue());
    if (elements && !isa<DenseArrayAttr>(attribute.getValue())) {
      if (auto dense = dyn_cast<DenseElementsAttr>(elements); dense && dense.isSplat())
        parts.push_back(printed(dense.getSplatValue<Attribute>()));
      continue;
    }
    parts.push_back(
        fmt::format("{} = {}", attribute.getName().str(), printed(attribute.getValue())));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

class Reader {
public:
  Reader(func::FuncOp function, const NodeMark &mark, const NodeMark *before)
      : function(function), mark(mark), before(before) {}

  Graph read() {
    for (BlockArgument argument : function.getArguments())
      addArgument(argument);
    for (Operation &op : function.getBody().front().without_terminator())
      addOp(&op);
    Operation *end = function.getBody().front().getTerminator();
    for (auto [i, value] : llvm::enumerate(end->getOperands()))
      addResult(static_cast<unsigned>(i), value);
    return std::move(graph);
  }

private:
  using Kind = GraphNode::Kind;

  std::size_t add(Kind kind, std::string name, TypeRange types, Location loc) {
    GraphNode &node = graph.nodes.emplace_back();
    node.kind = kind;
    node.name = std::move(name);
    node.type = describe(types);
    for (Type type : types)
      node.bytes += bytesOf(type);
    node.where = sourceLines(loc);
    return graph.nodes.size() - 1;
  }

  void addArgument(BlockArgument argument) {
    auto text = [&](StringRef key) {
      auto attribute = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), key);
      return attribute ? attribute.str() : std::string();
    };
    const std::string role = text(ir::HeddleDialect::kKindAttr);
    const bool isInput = role == "input";
    const std::size_t node =
        add(isInput ? Kind::input : Kind::state, text(ir::HeddleDialect::kNameAttr),
            argument.getType(), argument.getLoc());
    if (!isInput)
      graph.nodes[node].role = role;
    nodeOf[argument] = node;
  }

  void addOp(Operation *op) {
    auto fusion = dyn_cast<ir::FusionOp>(op);
    Kind kind = Kind::op;
    if (fusion)
      kind = Kind::fusion;
    else if (isa<ir::ConstantOp>(op))
      kind = Kind::constant;
    else if (before && isa<ir::ReshapeOp, ir::TransposeOp, ir::SliceOp>(op))
      kind = Kind::view;
    const std::size_t number =
        add(kind, fusion ? fusion->getAttrOfType<StringAttr>("kind").str() : shortName(op),
            op->getResultTypes(), op->getLoc());
    GraphNode &node = graph.nodes[number];
    if (fusion) {
      for (Operation &part : fusion.getBody().front().without_terminator()) {
        const std::vector<SourceLine> lines = sourceLines(part.getLoc());
        node.parts.push_back({shortName(&part), describe(part.getResultTypes()),
                              lines.empty() ? SourceLine() : lines.front()});
      }
    } else {
      node.attributes = attributesOf(op);
    }
    if (before)
      node.origins = before->read(op->getLoc());
    mark.set(op, number);
    for (Value value : op->getResults())
      nodeOf[value] = number;
    std::set<void *> seen;
    for (Value operand : op->getOperands())
      if (seen.insert(operand.getAsOpaquePointer()).second)
        connect(operand, number);
  }

  void addResult(unsigned index, Value value) {
    auto text = [&](StringRef key) { return function.getResultAttrOfType<StringAttr>(index, key); };
    StringAttr updates = text(ir::HeddleDialect::kUpdatesAttr);
    StringAttr name = updates ? updates : text(ir::HeddleDialect::kNameAttr);
    const std::size_t number = add(updates ? Kind::update : Kind::output, name ? name.str() : "",
                                   value.getType(), value.getLoc());
    connect(value, number);
  }

  void connect(Value value, std::size_t to) {
    graph.edges.push_back(
        {nodeOf.lookup(value), to, describe(value.getType()), bytesOf(value.getType())});
  }

  static std::string shortName(Operation *op) { return op->getName().stripDialect().str(); }

  func::FuncOp function;
  const NodeMark &mark;
  const NodeMark *before;
  Graph graph;
  llvm::DenseMap<Value, std::size_t> nodeOf;
};

} // namespace

void NodeMark::set(Operation *op, std::size_t node) const {
  Builder builder(op->getContext());
  auto number = builder.getI64IntegerAttr(static_cast<std::int64_t>(node));
  op->setLoc(FusedLoc::get({op->getLoc()},
                           builder.getDictionaryAttr(builder.getNamedAttr(stage, number)),
                           op->getContext()));
}

std::vector<std::size_t> NodeMark::read(Location loc) const {
  std::set<std::size_t> nodes;
  loc->walk([&](Location inner) {
    if (auto fused = dyn_cast<FusedLoc>(inner))
      if (auto marks = dyn_cast_or_null<DictionaryAttr>(fused.getMetadata()))
        if (auto number = marks.getAs<IntegerAttr>(stage))
          nodes.insert(static_cast<std::size_t>(number.getInt()));
    return WalkResult::advance();
  });
  return {nodes.begin(), nodes.end()};
}

std::vector<SourceLine> sourceLines(Location loc) {
  std::vector<SourceLine> lines;
  loc->walk([&](Location inner) {
    if (auto at = dyn_cast<FileLineColLoc>(inner)) {
      SourceLine line{at.getFilename().str(), at.getLine()};
      if (std::ranges::find(lines, line) == lines.end())
        lines.push_back(std::move(line));
    }
    return WalkResult::advance();
  });
  return lines;
}

Graph readGraph(func::FuncOp function, const NodeMark &mark, const NodeMark *before) {
  return Reader(function, mark, before).read();
}

} // namespace heddle
