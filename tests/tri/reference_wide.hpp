/// 128-bit arithmetic of the reference, on whole numbers of any size.
#pragma once

#include "vm/bytecode/tables.hpp"

namespace tally::tri {

struct WideOperands {
    i128 b, c, third;
    u64 shift;        ///< an x register or a signed byte
    std::int32_t imm;
};
[[nodiscard]] Trap reference_wide(Op op, const WideOperands& in, i128& out);

/// Negative, zero, positive.
[[nodiscard]] int order_of(i128 a, i128 b);
[[nodiscard]] int unsigned_order_of(i128 a, i128 b);
[[nodiscard]] i128 packed(u64 low, u64 high);

} // namespace tally::tri
