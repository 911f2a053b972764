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
  auto isLibraryFaster = [](const json::Value &value) -> std::optional<bool> {
    const json::Object *seconds = value.getAsObject();
    const auto generated = seconds ? seconds->getNumber("generated") : std::nullopt;
    const auto library = seconds ? seconds->getNumber("library") : std::nullopt;
    return generated && library ? std::optional(*library < *generated) : std::nullopt;
  };
  Tuning tuning;
  for (const auto &[key, value] : *products) {
    const std::optional<bool> isFaster = isLibraryFaster(value);
    if (!isFaster)
      return wrong("lacks the seconds of the product '" + key.str() + "'");
    tuning.providers[key] =
        *isFaster ? ContractionProvider::Library : ContractionProvider::Generated;
  }
  const json::Object *functions = root->getObject("functions");
  if (!functions && root->get("functions"))
    return wrong("has \"functions\" that are no object");
  if (functions)
    for (const auto &[name, value] : *functions) {
      const std::optional<bool> isFaster = isLibraryFaster(value);
      if (!isFaster)
        return wrong("lacks the seconds of the function '" + name.str() + "'");
      if (!*isFaster)
        tuning.withoutLibrary.insert(name);
    }
  return tuning;
}

ContractionProvider Tuning::fasterFor(llvm::StringRef key, llvm::StringRef function) const {
  auto found = providers.find(key);
  if (found == providers.end())
    return ContractionProvider::Auto;
  return withoutLibrary.contains(function) ? ContractionProvider::Generated : found->second;
}

const char *ProductProviders::reasonForLibrary(const ContractionLayout &product,
                                               llvm::StringRef key,
                                               llvm::StringRef function) const {
  if (product.m == 0 || product.n == 0 || product.k == 0)
    return "it is empty";
  const bool isAuto = wanted == ContractionProvider::Auto;
  switch (isAuto ? tuning.fasterFor(key, function) : wanted) {
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
