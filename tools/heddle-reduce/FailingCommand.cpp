//===- FailingCommand.cpp - a command that fails on a file ----------------===//

#include "FailingCommand.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace heddle::reduce;

static llvm::Error error(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Expected<FailingCommand> FailingCommand::create(std::vector<std::string> arguments,
                                                      unsigned timeoutSeconds,
                                                      FallbackAsmResourceMap &resources) {
  FailingCommand command;
  auto program = llvm::sys::findProgramByName(arguments.front());
  if (!program)
    return error("the command '" + arguments.front() + "' was not found");
  command.program = *program;
  command.arguments = std::move(arguments);
  if (llvm::none_of(command.arguments, [](StringRef argument) { return argument.contains("{}"); }))
    command.arguments.push_back("{}");
  command.timeoutSeconds = timeoutSeconds;
  command.resources = &resources;
  return command;
}

void FailingCommand::print(ModuleOp module, llvm::raw_ostream &stream) const {
  AsmState state(module, OpPrintingFlags(), /*locationMap=*/nullptr, resources);
  module.print(stream, state);
  stream << '\n';
}

llvm::Expected<Outcome> FailingCommand::run(ModuleOp module) const {
  SmallString<128> file, errors;
  int descriptor = -1;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("heddle-reduce", "mlir", descriptor, file))
    return error("no temporary file could be made: " + code.message());
  llvm::FileRemover removeFile(file);
  {
    llvm::raw_fd_ostream stream(descriptor, /*shouldClose=*/true);
    print(module, stream);
    stream.flush();
    if (stream.has_error()) {
      const std::string why = stream.error().message();
      stream.clear_error();
      return error("the temporary file " + file + " could not be written: " + why);
    }
  }
  if (std::error_code code = llvm::sys::fs::createTemporaryFile("heddle-reduce", "txt", errors))
    return error("no temporary file could be made: " + code.message());
  llvm::FileRemover removeErrors(errors);

  std::vector<std::string> filled(arguments);
  for (std::string &argument : filled)
    for (size_t at = 0; (at = argument.find("{}", at)) != std::string::npos; at += file.size())
      argument.replace(at, 2, file.str());
  const SmallVector<StringRef> views(filled.begin(), filled.end());
  const std::optional<StringRef> redirects[] = {StringRef(""), StringRef(""), errors.str()};
  Outcome outcome;
  std::string why;
  bool couldNotRun = false;
  outcome.status = llvm::sys::ExecuteAndWait(program, views, std::nullopt, redirects,
                                             timeoutSeconds, /*MemoryLimit=*/0, &why, &couldNotRun);
  if (couldNotRun || outcome.status == -1)
    return error("'" + program + "' could not be run: " + why);
  outcome.timedOut = StringRef(why).starts_with("Child timed out"); // ExecuteAndWait's words
  outcome.ended = outcome.status >= 0 ? "exit status " + std::to_string(outcome.status)
                                      : StringRef(why).trim().str();
  if (auto text = llvm::MemoryBuffer::getFile(errors))
    outcome.printed = (*text)->getBuffer().str();
  return outcome;
}

void FailingCommand::expect(const Outcome &outcome, std::string text) {
  status = outcome.status;
  ended = outcome.ended;
  message = std::move(text);
}

llvm::Expected<bool> FailingCommand::fails(ModuleOp module) const {
  llvm::Expected<Outcome> outcome = run(module);
  if (!outcome)
    return outcome.takeError();
  // A signal has a name, and a command that takes too long is none that crashes.
  return outcome->status == status && (status >= 0 || outcome->ended == ended) &&
         StringRef(outcome->printed).contains(message);
}

std::string heddle::reduce::firstErrorOf(StringRef printed) {
  constexpr StringRef kMark = "error: ";
  const size_t at = printed.find(kMark);
  if (at == StringRef::npos)
    return {};
  const StringRef message = printed.substr(at, printed.substr(at).find('\n'));
  const size_t end = message.find_first_of("'\"`0123456789", kMark.size());
  return message.substr(0, end).str();
}
