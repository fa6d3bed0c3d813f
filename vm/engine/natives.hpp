/// The Pure host functions: exact arithmetic, dates, and maps in the arena.
#pragma once

#include "vm/engine/machine.hpp"

namespace tally {

[[nodiscard]] Trap native(const Program& program, HostFn fn, const HostCall& args);

[[nodiscard]] constexpr Trap trap_of(Arithmetic a) {
    switch (a) {
    case Arithmetic::Ok: return Trap::None;
    case Arithmetic::Overflow: return Trap::Overflow;
    case Arithmetic::DivideByZero: return Trap::DivideByZero;
    case Arithmetic::Inexact: return Trap::Inexact;
    case Arithmetic::BadArgument: return Trap::BadArgument;
    }
    return Trap::BadArgument;
}

/// Signed order of two key values of a type in memory: 8- and 16-byte kinds by value, records field by
/// field, text by bytes then length. The same order as their stored key bytes.
[[nodiscard]] int compare_keys(const Program& program, std::uint32_t type, const std::uint8_t* a,
                               const std::uint8_t* b);

} // namespace tally
