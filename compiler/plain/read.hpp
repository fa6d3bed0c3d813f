/// A module, text or bitcode, parsed and checked by LLVM, with the functions of our own C library that it calls.
#pragma once

#include "compiler/plain/plain.hpp"

#include <llvm/IR/Module.h>

#include <memory>
#include <optional>

namespace tally::plain_detail {

/// Nothing if the text is no module; `refusal` says why.
[[nodiscard]] std::unique_ptr<llvm::Module> read(std::string_view ir, llvm::LLVMContext& context, Refusal& refusal);

/// Adds the functions of the library that the program calls and does not have. Returns what is wrong, or nothing.
[[nodiscard]] std::optional<Refusal> link_library(llvm::Module& program);

} // namespace tally::plain_detail
