/// The three tables (opcodes, host functions, traps) as enums and lookups.
#pragma once

#include "vm/value/int128.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tally {

inline constexpr std::uint32_t isa_version = 2;
inline constexpr std::uint32_t gas_schedule_version = 3;

enum class Op : std::uint8_t {
#define OP(name, mnemonic, a, b, c, imm, gas, doc) name,
#include "vm/bytecode/opcodes.def"
#undef OP
};
inline constexpr std::size_t op_count = 0
#define OP(name, mnemonic, a, b, c, imm, gas, doc) +1
#include "vm/bytecode/opcodes.def"
#undef OP
    ;

enum class Operand : std::uint8_t { None, XDst, XSrc, WDst, WSrc, HDst, HSrc, HUse, XBase, WBase, HBase, Small };
enum class Immediate : std::uint8_t {
    None, I32, Target, Fn, Import, Host, ConstX, ConstW, Vault, Offset, Frame, TrapNo, XReg, WReg, WRegMode,
    Mode, Cases, CallShape
};
struct OpInfo {
    std::string_view name, mnemonic;
    Operand a, b, c;
    Immediate imm;
    i64 gas;
    std::string_view doc;
};
[[nodiscard]] const OpInfo& op_info(Op op);
[[nodiscard]] std::optional<Op> op_by_mnemonic(std::string_view mnemonic);
/// True for the instructions that end a block: jump, ret…, trap. A conditional branch ends one too,
/// but falls through.
[[nodiscard]] bool op_is_terminator(Op op);
/// True for jump, the conditional branches and `case`: `imm` is a block.
[[nodiscard]] bool op_is_branch(Op op);

enum class HostFn : std::uint16_t {
#define HOST(name, text, signature, kind, gas, unit, doc) name,
#include "vm/bytecode/host.def"
#undef HOST
};
inline constexpr std::size_t host_count = 0
#define HOST(name, text, signature, kind, gas, unit, doc) +1
#include "vm/bytecode/host.def"
#undef HOST
    ;
enum class HostKind : std::uint8_t { Pure, State, Test };
struct HostInfo {
    std::string_view name;      ///< as in `tally.NAME` of the IR and in listings
    std::string_view signature; ///< "xwp:x"
    HostKind kind;
    i64 gas, gas_unit;
    std::string_view doc;
    [[nodiscard]] std::size_t x_params() const; ///< x and p
    [[nodiscard]] std::size_t w_params() const;
    [[nodiscard]] char result() const; ///< 'x', 'w' or '-'
};
[[nodiscard]] const HostInfo& host_info(HostFn fn);
[[nodiscard]] std::optional<HostFn> host_by_name(std::string_view name);

enum class Trap : std::uint16_t {
    None = 0,
#define TRAP(number, name, kind, what, fix) name = number,
#include "vm/bytecode/traps.def"
#undef TRAP
};
struct TrapInfo {
    Trap trap;
    std::string_view name;
    bool machine; ///< gas used becomes the limit
    std::string_view what, fix;
};
/// Nothing for a number that is not in the table.
[[nodiscard]] const TrapInfo* trap_info(Trap trap);
[[nodiscard]] std::optional<Trap> trap_by_name(std::string_view name);

} // namespace tally
