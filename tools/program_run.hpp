/// Runs a module of `tally ir` alone: no ledger, no contracts, nothing outside its memory.
#pragma once

#include "vm/engine/machine.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tally {

/// The engines that programs can be run on: tools/program_engines.cpp has the product's; a test of the engines
/// links its own instead.
[[nodiscard]] const std::vector<NamedEngine>& program_engines();
[[nodiscard]] const NamedEngine* program_engine(std::string_view name); ///< nullptr if there is none

/// How a run ended. A program that never ran has `Trap::NoSuchEntry`.
struct ProgramEnd {
    Trap trap = Trap::None; ///< Exit and Abort are ends of the program's own
    int code = 0;           ///< what a shell sees: docs/programs.md
    u64 result = 0;         ///< what `entry` gave back, or `exit` was given
    i64 gas_used = 0;
    std::string where;      ///< of a trap: the function
};

inline constexpr int code_of_trap = 124, code_of_refusal = 125, code_of_abort = 134;

/// `entry` gets zeros for its parameters.
[[nodiscard]] ProgramEnd run_program(const Program& program, std::string_view entry, i64 gas);

} // namespace tally
