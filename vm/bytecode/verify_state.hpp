/// What the parts of verification share. Not for anybody else.
#pragma once

#include "vm/bytecode/limits.hpp"
#include "vm/bytecode/verify.hpp"

#include <array>

namespace tally::verify_detail {

/// Registers that parameters take, and where a result comes back.
struct Signature {
    std::size_t x = 0, w = 0, h = 0;
    ResultBank result = ResultBank::None;
};

/// By kind: what an immediate must be below; 0 where a comparison cannot decide it.
inline constexpr std::size_t immediate_kinds = static_cast<std::size_t>(Immediate::CallShape) + 1;
using ImmediateLimits = std::array<u64, immediate_kinds>;

struct State {
    const Module& module;
    Verified facts;
    VerifyError error;
    Rows<std::uint32_t> callees;                     ///< by function
    std::vector<Signature> imports;                      ///< by import
    std::vector<bool> vaults;                        ///< by field number: some contract has a vault there

    ImmediateLimits immediates{};                    ///< as far as they are the same for all functions

    std::vector<std::uint32_t> heads, masks, flow;   ///< of the function at hand: room that is used again

    [[gnu::cold, gnu::noinline]] bool fail(std::string_view what) {
        error.what = what;
        return false;
    }
    [[gnu::always_inline]] bool need(bool holds, const char* what) { return holds || fail(what); }
};

/// The signature that a call of an import has, the instance left out.
[[nodiscard]] Signature import_signature(const Module& module, const Import& import);

/// The code of every function, one after the other; then who calls whom.
[[nodiscard]] bool check_code(State& s);
[[nodiscard]] bool check_chains(State& s);

} // namespace tally::verify_detail
