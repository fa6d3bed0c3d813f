/// A verified module made ready to run, and the outcome of a run.
#pragma once

#include "vm/bytecode/verify.hpp"

#include <memory>
#include <variant>
#include <vector>

namespace tally {

struct Decoded;
struct Machine;
/// The interpreter's code for one instruction: the instruction, the registers of the frame at work, the gas left.
using Body = void (*)(const Decoded*, u64* x, i128* w, i64 gas, Machine*);

/// A pre-decoded instruction, 16 bytes. Numbers of wide registers are doubled; `imm` of a branch is the
/// distance to its block's head in bytes, of a Block its gas.
struct Decoded {
    Body body;
    std::uint8_t a, b, c, spare;
    std::int32_t imm;
};

struct Program;
struct NativeCode;
struct Start;
struct Outcome;
/// Runs a function of a program (machine.hpp). Whatever the engine: the same outcome, gas, memory and
/// calls to the host, in the same order.
using Engine = Outcome (*)(const Program&, const Start&);

/// Never copied: machine code has the addresses of its program's data. `with_engine` makes another.
struct Program {
    Program() = default;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    Module module;
    Verified facts;
    Hash hash{}; ///< module_hash of the canonical bytes
    std::vector<std::vector<Decoded>> code;
    std::shared_ptr<const NativeCode> native; ///< what the template compiler made, if it did
    Engine engine = nullptr; ///< the interpreter, unless somebody put another one here
};

/// Puts a loaded program on an engine; false if it stays on the interpreter. No result depends on it.
using Prepare = bool (*)(Program&);

/// Verifies, pre-decodes, prepares.
[[nodiscard]] std::variant<std::shared_ptr<const Program>, VerifyError> load(Module module, Hash hash, Prepare prepare = nullptr);

/// The same module as a program of its own, prepared for another engine.
[[nodiscard]] std::shared_ptr<const Program> with_engine(const Program& program, Prepare prepare);

/// By the name that an operator gives it: `interpreter`, `template`. Nothing for another name.
struct NamedEngine {
    std::string_view name;
    Prepare prepare;
};
[[nodiscard]] const NamedEngine* engine_by_name(std::string_view name);

} // namespace tally
