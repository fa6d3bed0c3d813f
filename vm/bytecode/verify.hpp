/// What must hold before the machine runs a module. One linear pass; what it accepts, the engines
/// run without a further check of it.
///
///   structure   counts within limits; types refer only to earlier ones and have a bounded size; every
///               index (function, block, constant, type, field, import, host, trap, mode) in range;
///               unused operands zero; the first instruction is a Block; every block ends in a
///               terminator or falls into the next Block; no instruction after a terminator but a Block
///   registers   every operand below the function's count for its bank; call windows inside it
///   holdings    each h slot is empty or full at each point, the same on every edge; HDst wants empty,
///               HSrc and HUse full; all empty at a return (but the returned one); parameters start full.
///               A block that no earlier block reaches is refused, so one pass in layout order settles it
///   calls       acyclic; the deepest chain's frames and registers fit the limits
///   entries     the function of an entry has the parameters that its types ask for, and no others
///   tables      behind a `brtab` exactly as many `case` words as it says, and none elsewhere; calls through
///               the function table only in programs
///   programs    a module with a program part has no contracts, imports, tests or holdings; its calls may
///               recurse, and the engines count their depth and room at run time
///   tests       host functions of kind Test only in a module with tests
#pragma once

#include "vm/bytecode/layout.hpp"
#include "vm/value/rows.hpp"

#include <string>
#include <variant>
#include <vector>

namespace tally {

struct VerifyError {
    std::string what;
    std::uint32_t function = none, instruction = none;
    bool size = false; ///< nothing is wrong but its size: the frames or the depth of a call chain
};
/// What verification learned, for the loader.
struct Verified {
    std::vector<Layout> layouts;          ///< by type
    std::vector<RecordLayout> records;    ///< by contract
    Rows<i64> block_gas;                  ///< by function, by block
    std::vector<std::uint32_t> stack_bytes;  ///< by function: frame bytes of the deepest chain from it
    std::vector<std::uint32_t> stack_x, stack_w, stack_h; ///< registers of the deepest chain
};
[[nodiscard]] std::variant<Verified, VerifyError> verify(const Module& module);

/// Gas of a call for the frame and the registers that it clears: 64 bytes a unit.
[[nodiscard]] constexpr i64 frame_gas(const Function& f) {
    return (i64{f.frame_bytes} + 8 * i64{f.x_registers} + 16 * i64{f.w_registers}) / 64;
}

/// Which register bank carries a value of this type as parameter or result: X (also the address of
/// an aggregate), W, H for Cash, None for Unit.
[[nodiscard]] ResultBank bank_of(TypeKind kind);
/// True for types that travel as an address (records, collections, text, fractions, optionals).
[[nodiscard]] bool is_aggregate(TypeKind kind);
/// A function that gives an aggregate back takes the address to write it to as its last x parameter.

} // namespace tally
