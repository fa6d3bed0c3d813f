/// What the machine cannot run, found before anything is translated.
#pragma once

#include "compiler/plain/plain.hpp"

#include <llvm/IR/Module.h>

#include <optional>

namespace tally::plain_detail {

/// The first thing in the module that has no place here. Nothing: `legalise` can begin.
[[nodiscard]] std::optional<Refusal> refusal_of(const llvm::Module& program);

} // namespace tally::plain_detail
