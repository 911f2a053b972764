#include "Diagnostics.h"

#include "Trace.h"

using namespace mlir;

namespace heddle {

static std::optional<FileLineColLoc> sourceLine(Location location) {
  std::optional<FileLineColLoc> found;
  location->walk([&](Location inner) {
    if (auto line = dyn_cast<FileLineColLoc>(inner)) {
      found = line;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return found;
}

static std::string prefixed(Location location, const std::string &message) {
  if (auto line = sourceLine(location))
    return fmt::format("{}:{}: {}", line->getFilename().str(), line->getLine(), message);
  return message;
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          return failure();
        if (text.empty()) {
          first = sourceLine(diagnostic.getLocation());
          text = diagnostic.str();
        } else {
          text += fmt::format("\n{}", prefixed(diagnostic.getLocation(), diagnostic.str()));
        }
        for (Diagnostic &note : diagnostic.getNotes())
          text += fmt::format("\n  {}", prefixed(note.getLocation(), note.str()));
        return success();
      }) {}

void DiagnosticCollector::raise(std::source_location where, const std::string &otherwise) {
  const std::string message = text.empty() ? otherwise : text;
  if (first)
    throw Error(first->getFilename().str(), first->getLine(), message);
  failAt(where, message);
}

} // namespace heddle
