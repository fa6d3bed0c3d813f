// Unrounded products and sums: one division, where the source says how to round.
#include "compiler/lower/lowering.hpp"

#include <algorithm>

namespace tally::lower_detail {

using COp = check::Op;
using llvm::MemoryEffects;

namespace {

constexpr i128 decimal_one = 1'000'000'000'000'000'000;

i128 common_divisor(i128 a, i128 b) {
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    while (b != 0) {
        const i128 r = a % b;
        a = b;
        b = r;
    }
    return a;
}

} // namespace

void Lowering::factor(const TExpr& e, bool inverted, Product& out) {
    const auto constant = [&](i128 value, bool below) {
        auto& slot = below ? out.below_constant : out.above_constant;
        i128 product_value = 0;
        if (!mul_fits(slot, value, product_value)) return sink_.report(Diag::ExactTooWide, e.span), void();
        slot = product_value;
    };
    if (e.op == COp::Exact) { // worked out as they stand in the source, taken in the order of the tree
        std::vector<std::pair<std::uint32_t, std::size_t>> order;
        for (std::size_t i = 0; i < e.args.size(); ++i) order.emplace_back(e.args[i]->span.begin, i);
        std::sort(order.begin(), order.end());
        std::vector<Product> parts(e.args.size());
        for (const auto& [begin, i] : order) factor(*e.args[i], inverted != (i >= static_cast<std::size_t>(e.index)), parts[i]);
        for (auto& part : parts) {
            out.wide.insert(out.wide.end(), part.wide.begin(), part.wide.end());
            out.narrow.insert(out.narrow.end(), part.narrow.begin(), part.narrow.end());
            out.below.insert(out.below.end(), part.below.begin(), part.below.end());
            constant(part.above_constant, false);
            constant(part.below_constant, true);
        }
        return;
    }
    if (e.type->is(Kind::Rate) || e.type->is(Kind::Decimal)) constant(decimal_one, !inverted);
    if (e.op == COp::Const) return constant(e.value, inverted);
    if (e.op == COp::MakeFraction) {
        factor(*e.args[0], inverted, out);
        return factor(*e.args[1], !inverted, out);
    }
    if (e.type->is(Kind::Fraction)) {
        Value* p = expr(e);
        Value* n = b_->CreateAlignedLoad(i64_, p, llvm::Align(8));
        Value* d = b_->CreateAlignedLoad(i64_, at(p, 8), llvm::Align(8));
        (inverted ? out.below : out.narrow).push_back(n);
        (inverted ? out.narrow : out.below).push_back(d);
        return;
    }
    Value* v = expr(e);
    if (inverted) {
        if (e.type->money()) return internal(e.span, "division by an amount");
        out.below.push_back(v);
    } else {
        (e.type->wide() ? out.wide : out.narrow).push_back(v);
    }
}

Lowering::Product Lowering::product(const TExpr& exact) {
    Product out;
    factor(exact, false, out);
    lowest_terms(out);
    return out;
}

/// Constants in lowest terms keep the numerators small.
void Lowering::lowest_terms(Product& p) {
    const i128 divisor = common_divisor(p.above_constant, p.below_constant);
    if (divisor <= 1) return;
    p.above_constant /= divisor;
    p.below_constant /= divisor;
}

Value* Lowering::denominator(const Product& p) {
    Value* d = i128c(p.below_constant);
    for (auto* v : p.below) d = checked("wmulc", d, b_->CreateSExt(v, i128_));
    return d;
}

/// Terms over one denominator, summed exactly in 256 bits and divided once. Its sign goes above.
Value* Lowering::round_sum(const TExpr& e) {
    const auto& sum = *e.args[0];
    std::vector<Product> terms;
    i128 common = 1; // of the constant denominators
    bool moving = false;
    const auto too_wide = [&] { sink_.report(Diag::ExactTooWide, e.span); };
    for (const auto& term : sum.args) {
        terms.push_back(product(*term));
        auto& p = terms.back();
        if (!e.type->money()) { // a number is counted in 10^-18
            i128 scaled = 0;
            if (!mul_fits(p.above_constant, decimal_one, scaled)) too_wide();
            p.above_constant = scaled;
            lowest_terms(p);
        }
        if (p.below_constant == 0) { // stops where the sum is worked out
            p.below_constant = 1;
            p.below.push_back(i64c(0));
        }
        if (p.below_constant < 0 && (!sub_fits(i128{0}, p.below_constant, p.below_constant) || !sub_fits(i128{0}, p.above_constant, p.above_constant))) too_wide();
        moving = moving || !p.below.empty();
        i128 next = 0;
        if (!mul_fits(common / common_divisor(common, p.below_constant), p.below_constant, next)) too_wide(), next = 1;
        common = next;
    }
    Value* denominator_value = i128c(common);
    for (const auto& p : terms)
        for (auto* v : p.below) denominator_value = checked("wmulc", denominator_value, b_->CreateSExt(v, i128_));
    Value* sign = nullptr;
    if (moving) {
        sign = b_->CreateSelect(b_->CreateICmpSLT(denominator_value, i128c(0)), i128c(-1), i128c(1));
        denominator_value = checked("wmulc", denominator_value, sign);
    }
    Value* cell = temporary_bytes(32);
    b_->CreateMemSet(cell, llvm::ConstantInt::get(llvm::Type::getInt8Ty(out_.context), 0), 32, llvm::Align(8));
    for (std::size_t i = 0; i < terms.size(); ++i) {
        auto& p = terms[i];
        i128 scale = 0;
        if (!mul_fits(p.above_constant, (common / p.below_constant) * sum.locals[i], scale)) too_wide();
        std::vector<Value*> factors = p.wide;
        for (auto* v : p.narrow) factors.push_back(b_->CreateSExt(v, i128_));
        for (std::size_t k = 0; k < terms.size(); ++k) // what the other terms are divided by
            if (k != i)
                for (auto* v : terms[k].below) factors.push_back(b_->CreateSExt(v, i128_));
        Value* base = factors.empty() ? i128c(1) : factors[0];
        Value* rest = sign == nullptr ? static_cast<Value*>(i128c(scale)) : checked("wmulc", i128c(scale), sign);
        for (std::size_t f = 1; f < factors.size(); ++f) rest = checked("wmulc", rest, factors[f]);
        host(HostFn::AccrualAdd, {cell, base, rest, i64c(1)});
    }
    return in_steps(e, denominator_value, [&](Value* below, Value* mode) { return host(HostFn::AccrualRound, {cell, below, mode}); });
}

/// To a multiple of a step: how many steps, in the same division, times the step.
Value* Lowering::in_steps(const TExpr& e, Value* below, const std::function<Value*(Value* below, Value* mode)>& divide) {
    Value* mode = expr(*e.args[1]);
    if (e.args.size() == 2) return divide(below, mode);
    Value* step = expr(*e.args[2]);
    check_or_trap(b_->CreateICmpSGT(step, i128c(0)), Trap::BadArgument);
    return checked("wmulc", divide(checked("wmulc", below, step), mode), step);
}

Value* Lowering::round(const TExpr& e) {
    if (e.args[0]->op == COp::ExactSum) return round_sum(e);
    auto p = product(*e.args[0]);
    if (!e.type->money()) { // a number is counted in 10^-18
        i128 scaled = 0;
        if (!mul_fits(p.above_constant, decimal_one, scaled)) sink_.report(Diag::ExactTooWide, e.span);
        p.above_constant = scaled;
        lowest_terms(p);
    }
    Value* d = denominator(p);
    // The narrow numerators together, checked; wide ones beyond two likewise.
    Value* narrow = nullptr;
    for (auto* v : p.narrow) narrow = narrow == nullptr ? v : checked("mulc", narrow, v);
    if (p.above_constant != 1 || p.wide.empty()) {
        const bool fits = p.above_constant <= INT64_MAX && p.above_constant >= INT64_MIN;
        if (!fits || p.wide.empty()) p.wide.push_back(i128c(p.above_constant));
        else narrow = narrow == nullptr ? i64c(static_cast<i64>(p.above_constant)) : checked("mulc", narrow, i64c(static_cast<i64>(p.above_constant)));
    }
    while (p.wide.size() > 2) {
        Value* last = p.wide.back();
        p.wide.pop_back();
        p.wide.back() = checked("wmulc", p.wide.back(), last);
    }
    return in_steps(e, d, [&](Value* below, Value* mode) -> Value* {
        const bool fixed = e.args[1]->op == COp::Const;
        if (fixed && (p.wide.size() == 1 || narrow == nullptr)) {
            Value* second = p.wide.size() == 2 ? p.wide[1] : narrow != nullptr ? b_->CreateSExt(narrow, i128_) : i128c(1);
            auto callee = external("tally.muldiv." + std::to_string(static_cast<int>(e.args[1]->value)), i128_, {i128_, i128_, i128_}, MemoryEffects::none(), false);
            return b_->CreateCall(callee, {p.wide[0], second, below});
        }
        Value* second = p.wide.size() == 2 ? p.wide[1] : i128c(1);
        return host(HostFn::MulDiv3, {p.wide[0], second, narrow != nullptr ? narrow : i64c(1), below, mode});
    });
}

} // namespace tally::lower_detail
