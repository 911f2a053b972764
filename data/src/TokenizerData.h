#pragma once

#include "Scheme.h"

namespace heddle::data {

struct Tokenizer::Data {
  Pieces pieces;
  Cleaning cleaning;
  std::unique_ptr<Scheme> scheme;
};

} // namespace heddle::data
