// LLVM's intrinsics by what the machine does for each. One row each; one that is not here is refused by name.
#include "compiler/plain/translator.hpp"
#include "compiler/plain/words.hpp"

namespace tally::plain_detail {

namespace {

using llvm::Instruction;
using llvm::Value;
using Call = llvm::IntrinsicInst;
namespace I = llvm::Intrinsic;

/// An intrinsic on its way: its operands as numbers of `bits`.
struct Site {
    Translator& t;
    const Call& i;
    Builder& b;
    unsigned bits;

    Site(Translator& translator, const Call& call) : t(translator), i(call), b(translator.b), bits(0) {
        if (const auto all = call.arg_size() > 0 && !call.getArgOperand(0)->getType()->isMetadataTy() ? t.pieces(*call.getArgOperand(0)) : std::vector<Piece>(); !all.empty()) bits = all[0].bits;
    }
    [[nodiscard]] Value* operand(unsigned k) const { return t.value(*i.getArgOperand(k)); }
    [[nodiscard]] Value* number(std::uint64_t v) const { return llvm::ConstantInt::get(legal_width(b, bits), v); }
    void give(Value* v) const { t.define(i, {v}); }
};

// ---- sums and products that say whether they fit

struct Checked {
    Value* result;
    Value* over;
};

/// In a width that holds every result, if the machine has one.
Checked roomy(const Site& s, unsigned opcode, bool sign, unsigned room) {
    const auto fill = sign ? Fill::Sign : Fill::Zeros;
    auto* const left = converted(s.b, s.operand(0), s.bits, room, fill);
    auto* const right = converted(s.b, s.operand(1), s.bits, room, fill);
    auto* const exact = arithmetic(s.b, opcode, left, right, room);
    auto* const result = converted(s.b, exact, room, s.bits, Fill::Zeros);
    return {result, s.b.CreateICmpNE(exact, converted(s.b, result, s.bits, room, fill))};
}

/// A sum of 65 to 128 bits: by the signs, or by what became smaller.
Checked wide_sum(const Site& s, unsigned opcode, bool sign) {
    const bool add = opcode == Instruction::Add;
    auto *const left = s.operand(0), *const right = s.operand(1);
    auto* const result = arithmetic(s.b, opcode, left, right, s.bits);
    if (!sign) return {result, add ? s.b.CreateICmpULT(result, left) : s.b.CreateICmpULT(left, right)};
    auto* const changed = s.b.CreateXor(left, result);
    auto* const other = s.b.CreateXor(right, add ? result : left);
    auto* const both = with_sign(s.b, s.b.CreateAnd(changed, other), s.bits);
    return {result, s.b.CreateICmpSLT(both, s.number(0))};
}

/// A product of 65 to 128 bits: divided again it must give what it was made of.
Checked wide_product(const Site& s, bool sign) {
    auto *left = s.operand(0), *right = s.operand(1);
    auto* const result = arithmetic(s.b, Instruction::Mul, left, right, s.bits);
    auto* const zero = s.b.CreateICmpEQ(left, s.number(0));
    if (!sign) {
        auto* const divisor = s.b.CreateSelect(zero, s.number(1), left);
        return {result, s.b.CreateAnd(s.b.CreateNot(zero), s.b.CreateICmpNE(s.b.CreateUDiv(result, divisor), right))};
    }
    left = with_sign(s.b, left, s.bits);
    right = with_sign(s.b, right, s.bits);
    auto* const exact = with_sign(s.b, result, s.bits);
    auto* const minus_one = s.b.CreateICmpEQ(left, llvm::Constant::getAllOnesValue(left->getType()));
    auto* const least = llvm::ConstantInt::get(left->getType(), llvm::APInt::getSignedMinValue(s.bits).sext(bits_max));
    // The least number divided by -1 has no quotient: that divisor goes its own way.
    auto* const divisor = s.b.CreateSelect(s.b.CreateOr(zero, minus_one), s.number(1), left);
    auto* const differs = s.b.CreateAnd(s.b.CreateNot(s.b.CreateOr(zero, minus_one)), s.b.CreateICmpNE(s.b.CreateSDiv(exact, divisor), right));
    return {result, s.b.CreateOr(differs, s.b.CreateAnd(minus_one, s.b.CreateICmpEQ(right, least)))};
}

Checked checked(const Site& s, unsigned opcode, bool sign) {
    const bool product = opcode == Instruction::Mul;
    const unsigned needed = product ? 2 * s.bits : s.bits + 1;
    if (needed <= 64) return roomy(s, opcode, sign, 64);
    if (needed <= bits_max) return roomy(s, opcode, sign, bits_max);
    return product ? wide_product(s, sign) : wide_sum(s, opcode, sign);
}

template <unsigned opcode, bool sign> void with_overflow(const Site& s) {
    const auto [result, over] = checked(s, opcode, sign);
    s.t.define(s.i, {result, over});
}

/// What does not fit becomes the nearest number that does.
template <unsigned opcode, bool sign> void saturated(const Site& s) {
    const auto [result, over] = checked(s, opcode, sign);
    auto* const type = legal_width(s.b, s.bits);
    const auto limit = [&](const llvm::APInt& v) { return llvm::ConstantInt::get(type, v.zext(type->getBitWidth())); };
    Value* nearest = limit(opcode == Instruction::Add ? llvm::APInt::getMaxValue(s.bits) : llvm::APInt::getMinValue(s.bits));
    if (sign) {
        auto* const below = comparison(s.b, llvm::CmpInst::ICMP_SLT, s.operand(0), s.number(0), s.bits);
        nearest = s.b.CreateSelect(below, limit(llvm::APInt::getSignedMinValue(s.bits)), limit(llvm::APInt::getSignedMaxValue(s.bits)));
    }
    s.give(s.b.CreateSelect(over, nearest, result));
}

// ---- choices

template <llvm::CmpInst::Predicate keeps_left> void chosen(const Site& s) {
    s.give(s.b.CreateSelect(comparison(s.b, keeps_left, s.operand(0), s.operand(1), s.bits), s.operand(0), s.operand(1)));
}

void absolute(const Site& s) {
    auto* const v = s.operand(0);
    auto* const negative = comparison(s.b, llvm::CmpInst::ICMP_SLT, v, s.number(0), s.bits);
    s.give(s.b.CreateSelect(negative, arithmetic(s.b, Instruction::Sub, s.number(0), v, s.bits), v));
}

template <llvm::CmpInst::Predicate less, llvm::CmpInst::Predicate more> void three_way(const Site& s) {
    const unsigned bits = s.t.pieces(s.i)[0].bits;
    auto* const low = converted(s.b, comparison(s.b, less, s.operand(0), s.operand(1), s.bits), 1, bits, Fill::Sign);
    auto* const high = converted(s.b, comparison(s.b, more, s.operand(0), s.operand(1), s.bits), 1, bits, Fill::Zeros);
    s.give(s.b.CreateOr(low, high));
}

// ---- bits

Value* word(const Site& s, const char* mnemonic, Value* v) { return s.t.machine(mnemonic, s.b.getInt64Ty(), {v}); }
Value* low_word(const Site& s, Value* wide) { return s.b.CreateTrunc(wide, s.b.getInt64Ty()); }
Value* high_word(const Site& s, Value* wide) { return s.t.machine("high", s.b.getInt64Ty(), {wide}); }
Value* as_value(const Site& s, Value* count) { return s.bits > 64 ? s.b.CreateZExt(count, s.b.getInt128Ty()) : count; }

Value* leading(const Site& s, Value* v) {
    if (s.bits <= 64) return s.b.CreateSub(word(s, "clz", v), s.b.getInt64(64 - s.bits));
    auto* const high = high_word(s, v);
    auto* const below = s.b.CreateAdd(word(s, "clz", low_word(s, v)), s.b.getInt64(64));
    auto* const all = s.b.CreateSelect(s.b.CreateICmpEQ(high, s.b.getInt64(0)), below, word(s, "clz", high));
    return s.b.CreateSub(all, s.b.getInt64(bits_max - s.bits));
}

/// A one above the highest bit ends the count where the value is zero.
Value* trailing(const Site& s, Value* v) {
    if (s.bits < 64) return word(s, "ctz", s.b.CreateOr(v, s.b.getInt64(std::uint64_t{1} << s.bits)));
    if (s.bits == 64) return word(s, "ctz", v);
    if (s.bits < bits_max) v = s.b.CreateOr(v, llvm::ConstantInt::get(v->getType(), llvm::APInt::getOneBitSet(bits_max, s.bits)));
    auto* const low = low_word(s, v);
    auto* const above = s.b.CreateAdd(word(s, "ctz", high_word(s, v)), s.b.getInt64(64));
    return s.b.CreateSelect(s.b.CreateICmpEQ(low, s.b.getInt64(0)), above, word(s, "ctz", low));
}

Value* ones(const Site& s, Value* v) {
    if (s.bits <= 64) return word(s, "popcnt", v);
    return s.b.CreateAdd(word(s, "popcnt", low_word(s, v)), word(s, "popcnt", high_word(s, v)));
}

Value* bytes_swapped(const Site& s, Value* v) {
    if (s.bits <= 64) return s.b.CreateLShr(word(s, "bswap", v), 64 - s.bits);
    auto* const all = s.t.packed(word(s, "bswap", high_word(s, v)), word(s, "bswap", low_word(s, v)));
    return s.b.CreateLShr(all, bits_max - s.bits);
}

/// A word's bits the other way round: neighbours change places, then pairs, then fours, then bytes.
Value* word_reversed(const Site& s, Value* v) {
    static constexpr std::pair<unsigned, std::uint64_t> steps[] = {{1, 0x5555555555555555}, {2, 0x3333333333333333}, {4, 0x0f0f0f0f0f0f0f0f}};
    for (const auto& [by, mask] : steps)
        v = s.b.CreateOr(s.b.CreateAnd(s.b.CreateLShr(v, by), mask), s.b.CreateShl(s.b.CreateAnd(v, mask), by));
    return word(s, "bswap", v);
}

Value* bits_reversed(const Site& s, Value* v) {
    if (s.bits == 1) return v;
    if (s.bits <= 64) return s.b.CreateLShr(word_reversed(s, v), 64 - s.bits);
    auto* const all = s.t.packed(word_reversed(s, high_word(s, v)), word_reversed(s, low_word(s, v)));
    return s.b.CreateLShr(all, bits_max - s.bits);
}

template <Value* (*count)(const Site&, Value*)> void counted(const Site& s) {
    if (s.bits == 1) { // as a number of two bits would be counted
        const bool of_ones = count == ones;
        return s.give(of_ones ? s.operand(0) : s.b.CreateNot(s.operand(0)));
    }
    s.give(as_value(s, count(s, s.operand(0))));
}
template <Value* (*changed)(const Site&, Value*)> void bitwise(const Site& s) { s.give(changed(s, s.operand(0))); }

/// Two numbers side by side, shifted by the amount modulo their width; one of the two comes out.
template <bool left> void funnel(const Site& s) {
    auto* const width = s.number(s.bits);
    auto* const by = s.b.CreateURem(s.operand(2), width);
    auto* const rest = s.b.CreateSub(width, by);
    auto* const none = s.b.CreateICmpEQ(by, s.number(0));
    // A shift by the whole width would be one by nothing to the machine.
    auto* const up = arithmetic(s.b, Instruction::Shl, s.operand(0), left ? by : rest, s.bits);
    auto* const down = arithmetic(s.b, Instruction::LShr, s.operand(1), left ? rest : by, s.bits);
    s.give(s.b.CreateSelect(none, s.operand(left ? 0 : 1), s.b.CreateOr(up, down)));
}

// ---- memory

/// Nothing is moved to or from address 0, not even nothing: an address of no meaning becomes one inside.
Value* somewhere(const Site& s, Value* address, Value* bytes) {
    if (llvm::isa<llvm::ConstantInt>(bytes)) return address;
    return s.b.CreateSelect(s.b.CreateICmpEQ(bytes, s.b.getInt64(0)), s.t.word_at(status_word), address);
}

Value* byte_count(const Site& s) { return converted(s.b, s.operand(2), s.t.pieces(*s.i.getArgOperand(2))[0].bits, 64, Fill::Zeros); }

bool moves_nothing(const Value* bytes) {
    const auto* known = llvm::dyn_cast<llvm::ConstantInt>(bytes);
    return known != nullptr && known->isZero();
}

void move(const Site& s) {
    auto* const bytes = byte_count(s);
    if (moves_nothing(bytes)) return;
    s.b.CreateMemMove(somewhere(s, s.operand(0), bytes), llvm::Align(1), somewhere(s, s.operand(1), bytes), llvm::Align(1), bytes);
}

void fill(const Site& s) {
    auto* const bytes = byte_count(s);
    if (moves_nothing(bytes)) return;
    s.b.CreateMemSet(somewhere(s, s.operand(0), bytes), s.b.CreateTrunc(s.operand(1), s.b.getInt8Ty()), bytes, llvm::Align(1));
}

void stack_now(const Site& s) { s.give(s.b.CreateLoad(s.b.getPtrTy(), s.t.word_at(stack_word))); }
void stack_back(const Site& s) { s.b.CreateStore(s.operand(0), s.t.word_at(stack_word)); }

void mask_address(const Site& s) {
    auto* const number = s.b.CreatePtrToInt(s.operand(0), s.b.getInt64Ty());
    s.give(s.b.CreateIntToPtr(s.b.CreateAnd(number, s.operand(1)), s.b.getPtrTy()));
}

/// An address beside the table of offsets that it was found in.
void load_relative(const Site& s) {
    auto* const at = s.b.CreateGEP(s.b.getInt8Ty(), s.operand(0), s.operand(1));
    auto* const offset = converted(s.b, s.t.load(at, {32, 0}), 32, 64, Fill::Sign);
    s.give(s.b.CreateGEP(s.b.getInt8Ty(), s.operand(0), offset));
}

// ---- what is known only here, or means nothing here

void same(const Site& s) { s.t.define(s.i, s.t.values(*s.i.getArgOperand(0))); }
void nothing(const Site& s) {
    if (!s.i.getType()->isVoidTy()) s.t.complain("a result of `" + s.i.getCalledFunction()->getName().str() + "`");
}
void not_constant(const Site& s) { s.give(s.b.getFalse()); }
/// Unknown: as much as there can be, or nothing.
void object_size(const Site& s) {
    const bool least = llvm::cast<llvm::ConstantInt>(s.i.getArgOperand(1))->isOne();
    const unsigned bits = s.t.pieces(s.i)[0].bits;
    s.give(least ? s.b.getInt64(0) : masked(s.b, s.b.getInt64(~std::uint64_t{0}), bits));
}
void trap(const Site& s) { s.t.machine("trap." + std::to_string(static_cast<int>(Trap::Abort)), s.b.getVoidTy(), {}); }

using P = llvm::CmpInst;

const std::map<I::ID, void (*)(const Site&)>& table() {
    static const std::map<I::ID, void (*)(const Site&)> rows{
        {I::sadd_with_overflow, with_overflow<Instruction::Add, true>}, {I::uadd_with_overflow, with_overflow<Instruction::Add, false>},
        {I::ssub_with_overflow, with_overflow<Instruction::Sub, true>}, {I::usub_with_overflow, with_overflow<Instruction::Sub, false>},
        {I::smul_with_overflow, with_overflow<Instruction::Mul, true>}, {I::umul_with_overflow, with_overflow<Instruction::Mul, false>},
        {I::sadd_sat, saturated<Instruction::Add, true>}, {I::uadd_sat, saturated<Instruction::Add, false>},
        {I::ssub_sat, saturated<Instruction::Sub, true>}, {I::usub_sat, saturated<Instruction::Sub, false>},
        {I::smin, chosen<P::ICMP_SLT>}, {I::smax, chosen<P::ICMP_SGT>}, {I::umin, chosen<P::ICMP_ULT>}, {I::umax, chosen<P::ICMP_UGT>},
        {I::abs, absolute}, {I::scmp, three_way<P::ICMP_SLT, P::ICMP_SGT>}, {I::ucmp, three_way<P::ICMP_ULT, P::ICMP_UGT>},
        {I::ctlz, counted<leading>}, {I::cttz, counted<trailing>}, {I::ctpop, counted<ones>},
        {I::bswap, bitwise<bytes_swapped>}, {I::bitreverse, bitwise<bits_reversed>},
        {I::fshl, funnel<true>}, {I::fshr, funnel<false>},
        {I::memcpy, move}, {I::memcpy_inline, move}, {I::memmove, move}, {I::memset, fill}, {I::memset_inline, fill},
        {I::stacksave, stack_now}, {I::stackrestore, stack_back}, {I::ptrmask, mask_address}, {I::load_relative, load_relative},
        {I::expect, same}, {I::expect_with_probability, same}, {I::ssa_copy, same}, {I::launder_invariant_group, same}, {I::strip_invariant_group, same},
        {I::threadlocal_address, same}, {I::annotation, same}, {I::ptr_annotation, same},
        {I::is_constant, not_constant}, {I::objectsize, object_size}, {I::trap, trap}, {I::debugtrap, trap}, {I::ubsantrap, trap},
        {I::assume, nothing}, {I::lifetime_start, nothing}, {I::lifetime_end, nothing}, {I::experimental_noalias_scope_decl, nothing},
        {I::prefetch, nothing}, {I::donothing, nothing}, {I::sideeffect, nothing}, {I::invariant_end, nothing}, {I::var_annotation, nothing},
        {I::dbg_declare, nothing}, {I::dbg_value, nothing}, {I::dbg_label, nothing}, {I::dbg_assign, nothing}};
    return rows;
}

} // namespace

bool known_intrinsic(I::ID id) { return table().contains(id); }

void translate_intrinsic(Translator& t, const Call& i) { table().at(i.getIntrinsicID())(Site(t, i)); }

} // namespace tally::plain_detail
