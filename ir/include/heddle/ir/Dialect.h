//===- Dialect.h - the heddle dialect --------------------------------------===//

#pragma once

#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"

#include "heddle/ir/HeddleDialect.h.inc"
