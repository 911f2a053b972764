// The launches of a function, put together by kernel and line.
#pragma once

#include "Commands.h"
#include "Limits.h"
#include "Page.h"

namespace heddle::cli {

/// A matrix product, by the library or by a kernel.
bool is_product(const Launch &launch);

/// Counts launch number `index` in.
void add(page::KernelRow &row, const std::vector<Launch> &launches, std::size_t index,
         const timing::Limits &limits);

/// The longest first; by bytes where nothing was timed.
std::vector<page::KernelRow> make_rows(const std::vector<Launch> &launches,
                                       const timing::Limits &limits);

/// The median over the calls of each launch, on random inputs.
std::vector<Launch> median_launches(Executable &executable, const std::string &function,
                                    const ProfileOptions &options);

} // namespace heddle::cli
