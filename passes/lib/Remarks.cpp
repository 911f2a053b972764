//===- Remarks.cpp - what passes say about their decisions ----------------===//

#include "heddle/passes/Remarks.h"

#include "heddle/passes/FusionForm.h"

#include "llvm/Support/Path.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::passes;

/// The name of what an op was made of. Of fused locations the first counts: it is the op's own.
static StringRef nameIn(Location loc) {
  if (auto named = dyn_cast<NameLoc>(loc))
    return named.getName();
  if (auto fused = dyn_cast<FusedLoc>(loc); fused && !fused.getLocations().empty())
    return nameIn(fused.getLocations().front());
  return {};
}

static FileLineColLoc lineOf(Location loc) {
  FileLineColLoc found;
  loc->walk([&](Location inner) {
    found = dyn_cast<FileLineColLoc>(inner);
    return found ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found;
}

Location passes::namedAfter(StringRef name, Location loc) {
  if (!nameIn(loc).empty())
    return loc;
  return NameLoc::get(StringAttr::get(loc.getContext(), name), loc);
}

static std::string ownName(Operation *op) {
  // A kernel by what it does first, as its location.
  if (auto fusion = dyn_cast<ir::FusionOp>(op))
    return nameForUser(&fusion.getBody().front().front());
  if (isa<ir::DotGeneralOp, ir::ContractionOp>(op))
    return "matrix product";
  return op->getName().stripDialect().str();
}

std::string passes::nameForUser(Operation *op) {
  StringRef name = nameIn(op->getLoc());
  return name.empty() ? ownName(op) : name.str();
}

std::string passes::detailedName(Operation *op) {
  StringRef name = nameIn(op->getLoc());
  if (name.empty() || name == "gradient of " + ownName(op))
    return nameForUser(op);
  return (ownName(op) + " in " + name).str();
}

std::string passes::nameSeenFrom(Location from, Operation *op) {
  std::string name = isView(op) ? detailedName(op) : nameForUser(op);
  FileLineColLoc here = lineOf(from), there = lineOf(op->getLoc());
  if (there &&
      (!here || here.getFilename() != there.getFilename() || here.getLine() != there.getLine()))
    name +=
        (" (" + llvm::sys::path::filename(there.getFilename()) + ":" + Twine(there.getLine()) + ")")
            .str();
  return name;
}

std::string passes::namesSeenFrom(Location from, ArrayRef<Operation *> ops) {
  constexpr size_t most = 8;
  SmallVector<std::string> names;
  for (Operation *op : ops)
    if (std::string name = nameSeenFrom(from, op); !llvm::is_contained(names, name))
      names.push_back(std::move(name));
  std::string text;
  for (auto [i, name] : llvm::enumerate(names)) {
    if (i == most && names.size() > most + 1)
      return text + " and " + std::to_string(names.size() - most) + " more";
    text += i == 0 ? "" : i + 1 == names.size() ? " and " : ", ";
    text += name;
  }
  return text;
}

std::string passes::sizeForUser(Value value) {
  const int64_t bytes = bytesOf(value);
  if (bytes >= 10'000'000)
    return std::to_string(bytes / 1'000'000) + " MB";
  if (bytes >= 10'000)
    return std::to_string(bytes / 1'000) + " kB";
  return std::to_string(bytes) + " bytes";
}
