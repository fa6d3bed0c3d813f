/// A program's functions once more, in the IR that `emit` selects: i1, i64, i128 and addresses; loads and stores of
/// 1, 2, 4, 8 and 16 bytes; tables for switches; no constants but numbers; everything the machine has an instruction
/// for as a call of `tally.MNEMONIC` (compiler/lower/ir_impl.hpp).
#pragma once

#include "compiler/lower/ir_impl.hpp"
#include "compiler/plain/memory.hpp"

#include <string>

namespace tally::plain_detail {

/// Fills `out.module` and `out.functions`, then the program part of `out.interface`. Returns what cannot be done,
/// or an empty text. The program must have passed `refusal_of`.
[[nodiscard]] std::string legalise(const llvm::Module& program, Memory& memory, IrImpl& out);

} // namespace tally::plain_detail
