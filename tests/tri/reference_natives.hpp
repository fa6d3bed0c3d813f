/// The Pure host functions of the reference, written from host.def: each answers as the table says.
#pragma once

#include "vm/engine/machine.hpp"

#include <array>

namespace tally::tri {

[[nodiscard]] Trap reference_native(const Program& program, HostFn fn, const HostCall& args);

// Its parts, one idea a file.
[[nodiscard]] Trap reference_exact(HostFn fn, const HostCall& args);
[[nodiscard]] Trap reference_shares(HostFn fn, const HostCall& args);
[[nodiscard]] Trap reference_dates(HostFn fn, const HostCall& args);
[[nodiscard]] Trap reference_values(const Program& program, HostFn fn, const HostCall& args);
[[nodiscard]] Trap reference_tables(const Program& program, HostFn fn, const HostCall& args);
[[nodiscard]] std::array<std::uint8_t, 32> reference_sha256(const std::uint8_t* bytes, std::size_t count);

/// The part of the gas that goes by size.
[[nodiscard]] inline bool charge_units(HostFn fn, const HostCall& args, u64 units) {
    return args.gas->charge(host_info(fn).gas_unit * static_cast<i64>(units));
}

/// Little-endian numbers in memory, byte by byte.
[[nodiscard]] inline u64 word_at(const std::uint8_t* from, unsigned bytes = 8) {
    u64 out = 0;
    for (unsigned i = bytes; i-- > 0;) out = out * 256 + from[i];
    return out;
}
inline void put_word(std::uint8_t* to, u64 value, unsigned bytes = 8) {
    for (unsigned i = 0; i < bytes; ++i, value /= 256) to[i] = static_cast<std::uint8_t>(value % 256);
}
[[nodiscard]] inline i128 wide_at(const std::uint8_t* from) { return from_halves(word_at(from), word_at(from + 8)); }
inline void put_wide(std::uint8_t* to, i128 value) {
    put_word(to, low_half(value));
    put_word(to + 8, static_cast<u64>(high_half(value)));
}

} // namespace tally::tri
