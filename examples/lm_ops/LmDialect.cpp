// The dialect lm, and the plugin that registers it.
#include "LmOps.h"

#include <mlir/Tools/Plugins/DialectPlugin.h>

using namespace mlir;
using namespace heddle;

#include <LmOpsDialect.cpp.inc>

void lm::LmDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include <LmOps.cpp.inc>
      >();
}

// What a folder gives becomes a constant of Heddle.
Operation *lm::LmDialect::materializeConstant(OpBuilder &b, Attribute value, Type type,
                                              Location loc) {
  return ir::ConstantOp::create(b, loc, type, cast<ElementsAttr>(value));
}

extern "C" DialectPluginLibraryInfo mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "lm", "1",
          [](DialectRegistry *registry) { registry->insert<lm::LmDialect>(); }};
}
