// The pass fuse-attention, a plugin: attention that was written out becomes heddle.attention.
#include <heddle/ir/Ops.h>
#include <heddle/passes/Remarks.h>

#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Pass/Pass.h>
#include <mlir/Tools/Plugins/PassPlugin.h>

#include <optional>
#include <variant>

using namespace mlir;
using namespace heddle;

namespace {

#define GEN_PASS_DECL
#define GEN_PASS_DEF_FUSEATTENTION
#define GEN_PASS_REGISTRATION
#include <FuseAttention.h.inc>

/// softmax(scale q k^T) v, with k as it is written: [batch, heads, S, D], or transposed.
struct Attention {
  Value q, k, v;
  bool isTransposed; // k
  double scale = 1.0;
};

/// The number that a constant holds everywhere.
std::optional<double> splat(Value value) {
  auto constant = value.getDefiningOp<ir::ConstantOp>();
  auto elements = constant ? dyn_cast<SplatElementsAttr>(constant.getValue()) : SplatElementsAttr();
  if (!elements)
    return std::nullopt;
  return elements.getSplatValue<APFloat>().convertToDouble();
}

/// Looks through one product or quotient with a number.
Value withoutScale(Value scores, double &scale) {
  if (auto mul = scores.getDefiningOp<ir::MulOp>(); mul && mul->hasOneUse()) {
    for (auto [x, factor] : {std::pair(mul.getX(), mul.getY()), std::pair(mul.getY(), mul.getX())})
      if (std::optional<double> number = splat(factor)) {
        scale = *number;
        return x;
      }
  } else if (auto div = scores.getDefiningOp<ir::DivOp>(); div && div->hasOneUse()) {
    if (std::optional<double> number = splat(div.getY())) {
      scale = 1.0 / *number;
      return div.getX();
    }
  }
  return scores;
}

constexpr int64_t kBatchAndHeads[] = {0, 1}, kRows[] = {2}, kColumns[] = {3};

/// Whether it is a product of matrices, for each batch and head.
bool isMatrixProduct(ir::DotGeneralOp dot) {
  return dot && dot.getXBatch() == ArrayRef(kBatchAndHeads) &&
         dot.getYBatch() == ArrayRef(kBatchAndHeads) && dot.getXContract() == ArrayRef(kColumns);
}
bool contractsRowsOfY(ir::DotGeneralOp dot) { return dot.getYContract() == ArrayRef(kRows); }

/// Why the product of `softmax` is not attention, or the attention that it is.
std::variant<StringRef, Attention> match(ir::DotGeneralOp product, ir::SoftmaxOp softmax) {
  if (!isMatrixProduct(product) || !contractsRowsOfY(product))
    return "expected [batch, heads, T, S] times [batch, heads, S, E]";
  if (softmax.getDimension() != 3)
    return "the softmax is not along the last dimension";
  if (!softmax->hasOneUse())
    return "its probabilities are used elsewhere too";
  Attention found;
  Value unscaled = withoutScale(softmax.getX(), found.scale);
  auto scores = unscaled.getDefiningOp<ir::DotGeneralOp>();
  if (!isMatrixProduct(scores))
    return "its scores are not a product of queries and keys, or that times a number";
  if (!scores->hasOneUse())
    return "its scores are used elsewhere too";
  found.q = scores.getX(), found.k = scores.getY(), found.v = product.getY();
  found.isTransposed = contractsRowsOfY(scores);
  return found;
}

int64_t keysOf(const Attention &attention) {
  return cast<RankedTensorType>(attention.v.getType()).getDimSize(2);
}

struct FuseAttentionPass : impl::FuseAttentionBase<FuseAttentionPass> {
  using FuseAttentionBase::FuseAttentionBase;

  void runOnOperation() override {
    const passes::Remarks remarks(*this, getOperation());
    getOperation().walk([&](ir::DotGeneralOp product) {
      auto softmax = product.getX().getDefiningOp<ir::SoftmaxOp>();
      if (!softmax)
        return;
      auto matched = match(product, softmax);
      if (auto *attention = std::get_if<Attention>(&matched)) {
        if (keysOf(*attention) >= minKeys)
          return fuse(product, *attention, remarks);
        matched = StringRef("it has fewer keys than min-keys");
      }
      ++numLeft;
      remarks.missed(product.getLoc(), "NotFused")
          << remark::add("attention is not fused")
          << remark::reason("{0}", std::get<StringRef>(matched));
    });
  }

  void fuse(ir::DotGeneralOp product, const Attention &attention, const passes::Remarks &remarks) {
    OpBuilder b(product);
    Value k = attention.k;
    if (attention.isTransposed) // heddle-simplify drops the one with the other
      k = ir::TransposeOp::create(b, product.getLoc(), k, ArrayRef<int64_t>{0, 1, 3, 2});
    auto fused = ir::AttentionOp::create(b, product.getLoc(), attention.q, k, attention.v,
                                         /*mask=*/Value(), /*position=*/Value(),
                                         /*causal=*/UnitAttr(), b.getF64FloatAttr(attention.scale));
    remarks.passed(product.getLoc(), "Fused") << remark::add("attention is fused");
    product.replaceAllUsesWith(fused.getResult());
    product.erase(); // what it was computed from is dead now, which heddle-simplify removes
    ++numFused;
  }
};

} // namespace

extern "C" PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "fuse-attention", "1", registerPasses};
}
