//===- ProductProviders.cpp - what runs each matrix product -----------------===//

#include "ProductProviders.h"

#include "heddle/cpu/ContractionLayout.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace heddle::cpu;
namespace json = llvm::json;

static llvm::Error error(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Expected<Tuning> Tuning::read(llvm::StringRef path) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!file)
    return error("the tuning file '" + path + "' cannot be read: " + file.getError().message());
  auto wrong = [&](const llvm::Twine &what) {
    return error("the tuning file '" + path + "' " + what + "; expected what heddle tune wrote");
  };
  llvm::Expected<json::Value> parsed = json::parse((*file)->getBuffer());
  if (!parsed)
    return wrong("is no JSON: " + llvm::toString(parsed.takeError()));
  const json::Object *root = parsed->getAsObject();
  if (!root || root->getString("format") != "heddle-tuning")
    return wrong("has no \"format\": \"heddle-tuning\"");
  if (root->getInteger("version") != 1)
    return wrong("is not of version 1");
  const json::Object *products = root->getObject("products");
  if (!products)
    return wrong("has no object \"products\"");
  Tuning tuning;
  for (const auto &[key, value] : *products) {
    const json::Object *seconds = value.getAsObject();
    const auto generated = seconds ? seconds->getNumber("generated") : std::nullopt;
    const auto library = seconds ? seconds->getNumber("library") : std::nullopt;
    if (!generated || !library)
      return wrong("lacks the seconds of the product '" + key.str() + "'");
    tuning.providers[key] =
        *library < *generated ? ContractionProvider::Library : ContractionProvider::Generated;
  }
  return tuning;
}

ContractionProvider Tuning::fasterFor(llvm::StringRef key) const {
  auto found = providers.find(key);
  return found == providers.end() ? ContractionProvider::Auto : found->second;
}

const char *ProductProviders::reasonForLibrary(const ContractionLayout &product,
                                               llvm::StringRef key) const {
  if (product.m == 0 || product.n == 0 || product.k == 0)
    return "it is empty";
  const bool isAuto = wanted == ContractionProvider::Auto;
  switch (isAuto ? tuning.fasterFor(key) : wanted) {
  case ContractionProvider::Library:
    return isAuto ? "it was measured to be faster there" : "it was asked for all products";
  case ContractionProvider::Generated:
    return nullptr;
  case ContractionProvider::Auto:
    break;
  }
  if ((product.m > 1 && product.n > 1) || isVectorProduct(product))
    return nullptr;
  return "it is with a vector whose elements do not lie next to each other";
}
