/// A verified module made ready to run, and the outcome of a run.
#pragma once

#include "vm/bytecode/verify.hpp"

#include <memory>
#include <variant>
#include <vector>

namespace tally {

/// A pre-decoded instruction: `imm` of a branch is the index of its target, of a Block its gas.
struct Decoded {
    std::uint16_t op;
    std::uint8_t a, b, c;
    std::int32_t imm;
    i64 gas;
};

struct Program;
struct Start;
struct Outcome;
/// Runs a function of a program (machine.hpp). Whatever the engine: the same outcome, gas, memory and
/// calls to the host, in the same order.
using Engine = Outcome (*)(const Program&, const Start&);

struct Program {
    Module module;
    Verified facts;
    Hash hash{}; ///< module_hash of the canonical bytes
    std::vector<std::vector<Decoded>> code;
    Engine engine = nullptr; ///< the interpreter, unless somebody put another one here
};

/// Verifies, then pre-decodes.
[[nodiscard]] std::variant<std::shared_ptr<const Program>, VerifyError> load(Module module, Hash hash);

} // namespace tally
