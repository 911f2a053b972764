//===- heddle-reduce.cpp - a small module on which a command still fails --===//

#include "Reducer.h"
#include "Reductions.h"

#include "heddle/cpu/Compiler.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace heddle::reduce;

namespace {

llvm::cl::OptionCategory options("Options");
llvm::cl::list<std::string> inputs(llvm::cl::Positional, llvm::cl::desc("<file.mlir>"),
                                   llvm::cl::cat(options));
llvm::cl::opt<std::string> output("o",
                                  llvm::cl::desc("The file for the smaller module (default: "
                                                 "<file>.reduced.mlir)"),
                                  llvm::cl::value_desc("file"), llvm::cl::cat(options));
llvm::cl::opt<std::string>
    message("message",
            llvm::cl::desc("What the command has to print on stderr (default: its first error, up "
                           "to the first number or name)"),
            llvm::cl::value_desc("text"), llvm::cl::cat(options));
llvm::cl::opt<unsigned> timeout("timeout",
                                llvm::cl::desc("Seconds after which a run counts as none that "
                                               "fails (default: 60)"),
                                llvm::cl::value_desc("seconds"), llvm::cl::init(60),
                                llvm::cl::cat(options));
llvm::cl::list<std::string> plugins("load-dialect-plugin",
                                    llvm::cl::desc("Know the ops of this plugin too"),
                                    llvm::cl::value_desc("library"), llvm::cl::cat(options));

int fail(const llvm::Twine &text) {
  llvm::errs() << "heddle-reduce: " << text << '\n';
  return EXIT_FAILURE;
}

std::string sizes(ModuleOp module) {
  const size_t ops = sizeOf(module).first;
  return std::to_string(ops) + (ops == 1 ? " op" : " ops");
}

} // namespace

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::HideUnrelatedOptions(options);
  // What follows "--" is the command, with options of its own.
  char **const end = argv + argc, **const mark = std::find_if(argv, end, [](const char *argument) {
    return llvm::StringRef(argument) == "--";
  });
  const std::vector<std::string> command(mark == end ? end : mark + 1, end);
  llvm::cl::ParseCommandLineOptions(
      static_cast<int>(mark - argv), argv,
      "Makes a module smaller as long as a command fails on it in the same way: with the same exit "
      "status or signal, and the same message. {} in the command stands for the file.\n\n"
      "  heddle-reduce big.mlir -o small.mlir -- heddle-opt --heddle-fuse {}\n");
  if (command.empty())
    return fail("no command is given; expected it after the file, as in "
                "'heddle-reduce big.mlir -- heddle-opt --heddle-fuse {}'");

  if (inputs.size() != 1)
    return fail("expected one file before '--', got " + std::to_string(inputs.size()) +
                "; the command goes after it");
  const std::string &input = inputs.front();

  DialectRegistry registry;
  heddle::cpu::registerDialects(registry);
  for (const std::string &path : plugins) {
    llvm::Expected<DialectPlugin> plugin = DialectPlugin::load(path);
    if (!plugin)
      return fail(llvm::toString(plugin.takeError()));
    plugin->registerDialectRegistryCallbacks(registry);
  }
  MLIRContext context(registry);
  context.allowUnregisteredDialects();
  FallbackAsmResourceMap resources;
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(
      input, ParserConfig(&context, /*verifyAfterParse=*/true, &resources));
  if (!module)
    return EXIT_FAILURE; // the parser has said why
  if (output.empty())
    output = llvm::StringRef(input == "-" ? "stdin" : input)
                 .drop_back(llvm::StringRef(input).ends_with(".mlir") ? 5 : 0)
                 .str() +
             ".reduced.mlir";

  llvm::Expected<FailingCommand> failing = FailingCommand::create(command, timeout, resources);
  if (!failing)
    return fail(llvm::toString(failing.takeError()));
  llvm::Expected<Outcome> outcome = failing->run(*module);
  if (!outcome)
    return fail(llvm::toString(outcome.takeError()));
  if (outcome->timedOut)
    return fail("the command takes longer than " + std::to_string(timeout) +
                (timeout == 1 ? " second" : " seconds") + ", which --timeout allows");
  if (outcome->status == 0)
    return fail("the command does not fail on '" + input + "'");
  if (message.getNumOccurrences() && !llvm::StringRef(outcome->printed).contains(message))
    return fail("the command does not print '" + message + "' on stderr; it prints:\n" +
                outcome->printed);
  const std::string text =
      message.getNumOccurrences() ? message.getValue() : firstErrorOf(outcome->printed);
  llvm::errs() << "heddle-reduce: " << sizes(*module) << "; the command ends with "
               << outcome->ended << (text.empty() ? "" : " and prints '" + text + "'") << '\n';
  failing->expect(*outcome, text);
  const OwningOpRef<ModuleOp> empty = ModuleOp::create(UnknownLoc::get(&context));
  llvm::Expected<bool> failsAnyway = failing->fails(*empty);
  if (!failsAnyway)
    return fail(llvm::toString(failsAnyway.takeError()));
  if (*failsAnyway)
    return fail(
        "the command does the same for an empty module, so it is not this one that makes it "
        "fail; it prints:\n" +
        outcome->printed);

  auto write = [&](ModuleOp smaller) {
    return llvm::writeToOutput(output, [&](llvm::raw_ostream &stream) {
      failing->print(smaller, stream);
      return llvm::Error::success();
    });
  };
  // Each is written at once: an interrupted run leaves the smallest so far.
  auto onSmaller = [&](ModuleOp smaller, llvm::StringRef what) {
    llvm::errs() << "heddle-reduce: " << sizes(smaller) << ", without some " << what << '\n';
    return output == "-" ? llvm::Error::success() : write(smaller);
  };
  unsigned runs = 0;
  llvm::Expected<OwningOpRef<ModuleOp>> smallest =
      reduceModule(std::move(module), *failing, runs, onSmaller);
  if (!smallest)
    return fail(llvm::toString(smallest.takeError()));
  if (llvm::Error error = write(**smallest))
    return fail(llvm::toString(std::move(error)));
  llvm::errs() << "heddle-reduce: " << sizes(**smallest) << " after " << runs << " runs, in '"
               << output << "'\n";
  return EXIT_SUCCESS;
}
