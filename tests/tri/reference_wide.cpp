#include "tests/tri/reference_wide.hpp"

#include "tests/tri/exact.hpp"

namespace tally::tri {
namespace {

constexpr i64 digits_max = 38;

Whole read_unsigned(i128 v) { return v < 0 ? Whole(whole(v) + power_of_two(128)) : whole(v); }
Whole shift_of(const WideOperands& in) { return power_of_two(static_cast<unsigned>(in.shift % 128)); }
Trap give(const Whole& v, i128& out) { return out = wrapped(v), Trap::None; }

Trap divide(Op op, const WideOperands& in, i128& out) {
    if (in.c == 0) return Trap::DivideByZero;
    switch (op) { // cpp_int divides toward zero, its remainder has the sign of the dividend
    case Op::DivW: return exactly(whole(in.b) / whole(in.c), out);
    case Op::RemW: return give(whole(in.b) % whole(in.c), out);
    case Op::DivUW: return give(read_unsigned(in.b) / read_unsigned(in.c), out);
    default: return give(read_unsigned(in.b) % read_unsigned(in.c), out);
    }
}

Trap rescale(const WideOperands& in, i128& out) {
    const auto digits = static_cast<i64>(in.shift);
    if (digits < -digits_max || digits > digits_max) return Trap::BadArgument;
    const Whole power = power_of_ten(static_cast<unsigned>(digits < 0 ? -digits : digits));
    const auto mode = static_cast<unsigned>(in.imm);
    return digits < 0 ? rounded(whole(in.b), power, mode, out) : exactly(whole(in.b) * power, out);
}

/// Bit by bit.
template <typename Each> i128 bits(i128 a, i128 b, Each each) {
    u128 out = 0;
    for (unsigned i = 0; i < 128; ++i) {
        const bool left = (a >> i) % 2 != 0, right = (b >> i) % 2 != 0;
        if (each(left, right)) out |= u128{1} << i;
    }
    return static_cast<i128>(out);
}

} // namespace

Trap reference_wide(Op op, const WideOperands& in, i128& out) {
    switch (op) {
    case Op::AddW: return give(whole(in.b) + whole(in.c), out);
    case Op::SubW: return give(whole(in.b) - whole(in.c), out);
    case Op::MulW: return give(whole(in.b) * whole(in.c), out);
    case Op::AddCheckedW: return exactly(whole(in.b) + whole(in.c), out);
    case Op::SubCheckedW: return exactly(whole(in.b) - whole(in.c), out);
    case Op::MulCheckedW: return exactly(whole(in.b) * whole(in.c), out);
    case Op::AndW: return out = bits(in.b, in.c, [](bool l, bool r) { return l && r; }), Trap::None;
    case Op::OrW: return out = bits(in.b, in.c, [](bool l, bool r) { return l || r; }), Trap::None;
    case Op::XorW: return out = bits(in.b, in.c, [](bool l, bool r) { return l != r; }), Trap::None;
    case Op::ShlW: return give(whole(in.b) * shift_of(in), out);
    case Op::ShrW: return give(read_unsigned(in.b) / shift_of(in), out);
    case Op::SarW: return give(floor_division(whole(in.b), shift_of(in)), out);
    case Op::MinW: return out = order_of(in.b, in.c) < 0 ? in.b : in.c, Trap::None;
    case Op::MaxW: return out = order_of(in.b, in.c) > 0 ? in.b : in.c, Trap::None;
    case Op::MulDiv: return rounded(whole(in.b) * whole(in.c), whole(in.third), static_cast<unsigned>(in.imm / 256), out);
    case Op::Rescale: return rescale(in, out);
    default: return divide(op, in, out);
    }
}

int order_of(i128 a, i128 b) { return whole(a).compare(whole(b)); }
int unsigned_order_of(i128 a, i128 b) { return read_unsigned(a).compare(read_unsigned(b)); }
i128 packed(u64 low, u64 high) { return wrapped(Whole(high) * power_of_two(64) + low); }

} // namespace tally::tri
