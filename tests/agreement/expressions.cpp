// Expressions: numbers, comparisons, calls, money.
#include "tests/agreement/evaluate.hpp"

#include "vm/engine/natives.hpp"
#include "compiler/check/natives.hpp"
#include "vm/value/annuity.hpp"
#include "vm/value/decimal.hpp"
#include "vm/value/power.hpp"
#include "vm/value/decimal_text.hpp"
#include "vm/value/muldiv.hpp"

#include <algorithm>
#include <numeric>

namespace tally::agreement {
namespace {

bool fits_word(i128 v) { return v == static_cast<i64>(v); }

i128 divisor_of(i128 a, i128 b) {
    a = a < 0 ? -a : a;
    b = b < 0 ? -b : b;
    while (b != 0) a = std::exchange(b, a % b);
    return std::max(a, i128{1});
}

void lowest_terms(i128& above, i128& below) {
    const i128 divisor = divisor_of(above, below);
    above /= divisor;
    below /= divisor;
}

/// The operands as they stand in the source, whatever their place in the tree.
std::vector<const TExpr*> in_source_order(const TExpr& e) {
    std::vector<std::pair<std::uint32_t, std::size_t>> order; // ties by their place in the tree
    for (std::size_t i = 0; i < e.args.size(); ++i) order.emplace_back(e.args[i]->span.begin, i);
    std::sort(order.begin(), order.end());
    std::vector<const TExpr*> out;
    for (const auto& [begin, i] : order) out.push_back(e.args[i].get());
    return out;
}

} // namespace

Value Evaluator::expr(Frame& f, const TExpr& e) {
    const auto arg = [&](std::size_t i) { return expr(f, *e.args[i]); };
    switch (e.op) {
    case Op::Const: return number(e.value);
    case Op::TextConst: {
        Value out;
        out.text = e.text;
        return out;
    }
    case Op::None: return {};
    case Op::Wrap: {
        Value out;
        out.parts.push_back(arg(0));
        return out;
    }
    case Op::IsNone: return number(arg(0).parts.empty() ? 1 : 0);
    case Op::ValueOr: {
        const Value optional = arg(0);
        return optional.parts.empty() ? arg(1) : optional.parts[0];
    }
    case Op::Local: return f.locals[static_cast<std::size_t>(e.index)];
    case Op::ParentField:
        if (e.index < 0) return number(static_cast<i128>(f.self->parent));
        return field(f, e);
    case Op::Field: return field(f, e);
    case Op::Member: return arg(0).parts[static_cast<std::size_t>(e.index)];
    case Op::RecordLit: case Op::ListLit: {
        Value out;
        for (std::size_t i = 0; i < e.args.size(); ++i) {
            Value part = arg(i);
            if (e.type->is(Kind::Set)) put_element(out, part, e.type);
            else out.parts.push_back(std::move(part));
        }
        return out;
    }
    case Op::Add: case Op::Sub: case Op::Mul: case Op::Neg: case Op::DivFloor: case Op::ModFloor: case Op::Min: case Op::Max: return arithmetic(f, e);
    case Op::MakeFraction: return fraction(f, e);
    case Op::Round: return round(f, e);
    case Op::Eq: case Op::Ne: case Op::Lt: case Op::Le: case Op::Gt: case Op::Ge: return compare(f, e);
    case Op::And: return number(arg(0).number != 0 && arg(1).number != 0 ? 1 : 0);
    case Op::Or: return number(arg(0).number != 0 || arg(1).number != 0 ? 1 : 0);
    case Op::Not: return number(arg(0).number == 0 ? 1 : 0);
    case Op::CheckAmount: {
        Value v = arg(0);
        if (v.number < 0) throw Stop{Trap::NegativeAmount, nullptr, {}};
        return v;
    }
    case Op::Today: return number(today_);
    case Op::SelfId: return number(static_cast<i128>(f.self->id));
    case Op::Caller: return number(static_cast<i128>(f.caller));
    case Op::Index: case Op::MapAt: return read_element(f, e);
    case Op::Zero: return zero_of(e.type);
    case Op::With: {
        Value out = arg(0);
        for (std::size_t i = 0; i < e.locals.size(); ++i) out.parts[static_cast<std::size_t>(e.locals[i])] = arg(i + 1);
        return out;
    }
    case Op::Unwrap: return arg(0).parts.at(0);
    case Op::Union: return joined(f, e);
    case Op::ListFilled: case Op::MapFilled: return filled(f, e);
    case Op::Range: return range(f, e);
    case Op::DatedOn: return dated_on(f, e);
    case Op::DatedSet: dated_set(f, e); return {};
    case Op::Rescale: {
        i128 v = arg(0).number;
        for (int i = 0; i < e.index; ++i)
            if (!mul_fits(v, i128{10}, v)) throw Stop{Trap::Overflow, nullptr, {}};
        return number(v);
    }
    case Op::VaultKeys: {
        const Value& all = f.self->fields[static_cast<std::size_t>(e.index)];
        Value out;
        for (std::size_t i = 0; i < all.parts.size(); i += 2) out.parts.push_back(all.parts[i]);
        return out;
    }
    case Op::Count: case Op::IsEmpty: case Op::Has: case Op::Get: case Op::Keys: case Op::Insert: case Op::Remove: case Op::Push: case Op::InsertAll:
        return collection(f, e);
    case Op::Fold: case Op::Every: case Op::SomeOf: return fold(f, e);
    case Op::Collect: return collect(f, e);
    case Op::Resize: return resize(f, e);
    case Op::Allocate: return allocate(f, e);
    case Op::Waterfall: return waterfall(f, e);
    case Op::AddMonths: case Op::DatePart: case Op::MakeDate: return date(f, e);
    case Op::Native: return native(f, e);
    case Op::Call: return call_fn(f, e);
    case Op::Cross: return cross(f, e);
    case Op::AccrualValue: case Op::AccrualBill: case Op::AccrualClose: case Op::AccrualDrop: return accrual(f, e);
    case Op::AccrualAccrue: case Op::AccrualClear: case Op::AccrualSave: case Op::AccrualLoad: case Op::AccruedValue: return book_accrual(f, e);
    case Op::IsState:
        if (!e.args.empty()) throw NotCovered("IsState of another instance");
        return number(f.self->state == e.index ? 1 : 0);
    case Op::MoveLocal: case Op::EmptyCash: case Op::VaultAmount: case Op::VaultHas: case Op::VaultOpen: case Op::VaultWithdraw:
    case Op::VaultDeposit: case Op::Take: case Op::Join: case Op::EndCash: case Op::CashAmount: return money(f, e);
    default: throw NotCovered(name_of(e.op));
    }
}

Value& Evaluator::field(Frame& f, const TExpr& e) {
    Instance& of = e.op == Op::ParentField ? world_.instances.at(f.self->parent) : *f.self;
    return of.fields[static_cast<std::size_t>(e.index)];
}

bool Evaluator::kept_by_key(const Instance& self, const TExpr& e) {
    if (e.index < 0 || (e.op != Op::Field && e.op != Op::ParentField)) return false;
    const ContractDecl& decl = e.op == Op::Field ? *self.decl : *self.decl->parent;
    return decl.fields[static_cast<std::size_t>(e.index)].by_key;
}

// ---- numbers ------------------------------------------------------------------------------------------------------

Value Evaluator::arithmetic(Frame& f, const TExpr& e) {
    if (e.type->is(Kind::Fraction)) { // the lesser or the larger of two; of equal ones the first
        const Value first = expr(f, *e.args[0]), second = expr(f, *e.args[1]);
        const i128 left = first.number * second.below, right = second.number * first.below;
        return (e.op == Op::Min ? left <= right : left >= right) ? first : second;
    }
    i128 a = 0, b = 0, out = 0;
    for (const TExpr* operand : in_source_order(e)) (operand == e.args[0].get() ? a : b) = expr(f, *operand).number;
    bool fits = true;
    switch (e.op) {
    case Op::Add: fits = add_fits(a, b, out); break;
    case Op::Sub: fits = sub_fits(a, b, out); break;
    case Op::Mul: fits = mul_fits(a, b, out); break;
    case Op::Neg: fits = sub_fits(i128{0}, a, out); break;
    case Op::Min: out = std::min(a, b); break;
    case Op::Max: out = std::max(a, b); break;
    default:
        if (b == 0) throw Stop{Trap::DivideByZero, nullptr, {}};
        out = a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
        if (e.op == Op::ModFloor) out = a - out * b;
    }
    if (!fits || (!e.type->wide() && !fits_word(out))) throw Stop{Trap::Overflow, nullptr, {}};
    if (e.type->is(Kind::Date) && !date_valid(static_cast<i64>(out))) throw Stop{Trap::BadDate, nullptr, {}};
    return number(out);
}

Value Evaluator::compare(Frame& f, const TExpr& e) {
    const Ty* type = e.args[0]->type;
    const Value a = expr(f, *e.args[0]), b = expr(f, *e.args[1]);
    if (e.op == Op::Eq || e.op == Op::Ne) return number(same(a, b, type) == (e.op == Op::Eq) ? 1 : 0);
    const bool fractions = type->is(Kind::Fraction);
    const i128 left = fractions ? a.number * b.below : a.number, right = fractions ? b.number * a.below : b.number;
    switch (e.op) {
    case Op::Lt: return number(left < right ? 1 : 0);
    case Op::Le: return number(left <= right ? 1 : 0);
    case Op::Gt: return number(left > right ? 1 : 0);
    default: return number(left >= right ? 1 : 0);
    }
}

/// Constants in lowest terms, everything else as it comes, with the sign above.
Value Evaluator::fraction(Frame& f, const TExpr& e) {
    Value out = expr(f, *e.args[0]);
    out.below = expr(f, *e.args[1]).number;
    if (out.below == 0) throw Stop{Trap::DivideByZero, nullptr, {}};
    if (e.args[0]->op == Op::Const && e.args[1]->op == Op::Const && out.below > 0) {
        i128 a = out.number < 0 ? -out.number : out.number, b = out.below;
        while (b != 0) a = std::exchange(b, a % b);
        out.number /= a;
        out.below /= a;
    }
    if (out.below < 0) {
        out.number = -out.number;
        out.below = -out.below;
    }
    if (!fits_word(out.number) || !fits_word(out.below)) throw Stop{Trap::Overflow, nullptr, {}};
    return out;
}

void Evaluator::factor(Frame& f, const TExpr& e, bool inverted, Factors& out) {
    const auto constant = [&](i128 value, bool below) {
        i128& slot = below ? out.below_constant : out.above_constant;
        if (!mul_fits(slot, value, slot)) throw NotCovered("constants beyond 128 bits");
    };
    if (e.op == Op::Exact) { // worked out from left to right; the order of the numbers is the tree's
        std::map<const TExpr*, Factors> each;
        for (const TExpr* operand : in_source_order(e)) {
            const bool below = std::any_of(e.args.begin() + e.index, e.args.end(), [&](const auto& a) { return a.get() == operand; });
            factor(f, *operand, inverted != below, each[operand]);
        }
        for (const auto& operand : e.args) {
            const Factors& one = each[operand.get()];
            out.wide.insert(out.wide.end(), one.wide.begin(), one.wide.end());
            out.narrow.insert(out.narrow.end(), one.narrow.begin(), one.narrow.end());
            out.below.insert(out.below.end(), one.below.begin(), one.below.end());
            constant(one.above_constant, false);
            constant(one.below_constant, true);
        }
        return;
    }
    if (e.type->is(Kind::Rate) || e.type->is(Kind::Decimal)) constant(decimal_one, !inverted);
    if (e.op == Op::Const) return constant(e.value, inverted);
    if (e.op == Op::MakeFraction) {
        factor(f, *e.args[0], inverted, out);
        return factor(f, *e.args[1], !inverted, out);
    }
    const Value v = expr(f, e);
    if (e.type->is(Kind::Fraction)) {
        (inverted ? out.below : out.narrow).push_back(v.number);
        (inverted ? out.narrow : out.below).push_back(v.below);
    } else {
        (inverted ? out.below : e.type->wide() ? out.wide : out.narrow).push_back(v.number);
    }
}

/// What an exact value is made of. Worked out from left to right; the order of the numbers is the tree's.
Evaluator::Factors Evaluator::factors(Frame& f, const TExpr& e) {
    Factors out;
    factor(f, e, false, out);
    lowest_terms(out.above_constant, out.below_constant);
    return out;
}

/// A plain number is counted in 10^-18.
void Evaluator::to_decimal(Factors& factors) {
    if (!mul_fits(factors.above_constant, decimal_one, factors.above_constant)) throw NotCovered("constants beyond 128 bits");
    lowest_terms(factors.above_constant, factors.below_constant);
}

i128 Evaluator::denominator(const Factors& factors) {
    i128 out = factors.below_constant;
    for (const i128 v : factors.below)
        if (!mul_fits(out, v, out)) throw Stop{Trap::Overflow, nullptr, {}};
    return out;
}

/// Terms over one denominator, summed in 256 bits and divided once. What the other terms are divided by is a factor
/// of each; everything but the first factor is multiplied in 128 bits.
Value Evaluator::round_sum(Frame& f, const TExpr& e) {
    const TExpr& sum = *e.args[0];
    const auto multiply = [](i128 a, i128 b) {
        i128 out = 0;
        if (!mul_fits(a, b, out)) throw Stop{Trap::Overflow, nullptr, {}};
        return out;
    };
    std::vector<Factors> terms;
    i128 common = 1;
    for (const auto& term : sum.args) {
        terms.push_back(factors(f, *term));
        Factors& last = terms.back();
        if (!e.type->money()) to_decimal(last);
        if (last.below_constant == 0) { // the denominator of all is zero
            last.below_constant = 1;
            last.below.push_back(0);
        }
        common = common / divisor_of(common, terms.back().below_constant) * terms.back().below_constant;
    }
    i128 below = common;
    for (const Factors& term : terms)
        for (const i128 v : term.below) below = multiply(below, v);
    const i128 sign = below < 0 ? -1 : 1; // it goes above
    below = multiply(below, sign);
    Wide total;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        std::vector<i128> above = terms[i].wide;
        above.insert(above.end(), terms[i].narrow.begin(), terms[i].narrow.end());
        for (std::size_t other = 0; other < terms.size(); ++other)
            if (other != i) above.insert(above.end(), terms[other].below.begin(), terms[other].below.end());
        i128 rest = multiply(multiply(terms[i].above_constant, common / terms[i].below_constant * sum.locals[i]), sign);
        for (std::size_t k = 1; k < above.size(); ++k) rest = multiply(rest, above[k]);
        if (const auto status = accrual_add(total, above.empty() ? 1 : above[0], rest, 1); status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    }
    const auto mode = static_cast<Rounding>(expr(f, *e.args[1]).number);
    const i128 step = step_of(f, e);
    i128 out = 0;
    if (const auto status = accrual_round(total, multiply(below, step), mode, out); status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    return number(multiply(out, step));
}

/// What a rounded value is a multiple of.
i128 Evaluator::step_of(Frame& f, const TExpr& e) {
    if (e.args.size() == 2) return 1;
    const i128 step = expr(f, *e.args[2]).number;
    if (step <= 0) throw Stop{Trap::BadArgument, nullptr, {}};
    return step;
}

/// One division. Whole numbers are multiplied in 64 bits, amounts and rates beyond two in 128: that is what
/// "a number that does not fit" means for an exact value.
Value Evaluator::round(Frame& f, const TExpr& e) {
    if (e.args[0]->op == Op::ExactSum) return round_sum(f, e);
    auto p = factors(f, *e.args[0]);
    if (!e.type->money()) to_decimal(p);
    const auto mode = static_cast<Rounding>(expr(f, *e.args[1]).number);
    const auto multiply = [](i128 a, i128 b, bool wide) {
        i128 out = 0;
        if (!mul_fits(a, b, out) || (!wide && !fits_word(out))) throw Stop{Trap::Overflow, nullptr, {}};
        return out;
    };
    const i128 step = step_of(f, e);
    const i128 below = multiply(denominator(p), step, true);
    i128 narrow = 1;
    for (std::size_t i = 0; i < p.narrow.size(); ++i) narrow = i == 0 ? p.narrow[0] : multiply(narrow, p.narrow[i], false);
    if (p.above_constant != 1 || p.wide.empty()) {
        if (!fits_word(p.above_constant) || p.wide.empty()) p.wide.push_back(p.above_constant);
        else narrow = p.narrow.empty() ? p.above_constant : multiply(narrow, p.above_constant, false);
    }
    while (p.wide.size() > 2) {
        const i128 last = p.wide.back();
        p.wide.pop_back();
        p.wide.back() = multiply(p.wide.back(), last, true);
    }
    i128 out = 0;
    const auto status = p.wide.size() == 1 ? muldiv(p.wide[0], narrow, below, mode, out)
                        : narrow == 1     ? muldiv(p.wide[0], p.wide[1], below, mode, out)
                                          : muldiv3(p.wide[0], p.wide[1], static_cast<i64>(narrow), below, mode, out);
    if (status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    return number(multiply(out, step, true));
}

/// The functions of the standard library that the machine has.
Value Evaluator::native(Frame& f, const TExpr& e) {
    std::vector<i128> v;
    for (const auto& a : e.args) v.push_back(expr(f, *a).number);
    i128 out = 0;
    Arithmetic status = Arithmetic::BadArgument;
    switch (check::natives[e.index].fn) {
    case HostFn::Annuity: status = annuity(v[0], v[1], static_cast<i64>(v[2]), static_cast<i64>(v[3]), static_cast<Rounding>(v[4]), out); break;
    case HostFn::DecimalFused: status = decimal_fused(v[0], v[1], v[2], v[3], static_cast<i64>(v[4]), static_cast<Rounding>(v[5]), out); break;
    case HostFn::Power: status = power(v[0], static_cast<i64>(v[1]), static_cast<Rounding>(v[2]), out); break;
    case HostFn::Root: status = root(v[0], static_cast<i64>(v[1]), static_cast<Rounding>(v[2]), out); break;
    default: throw NotCovered("a native function");
    }
    if (status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    return number(out);
}

Value Evaluator::date(Frame& f, const TExpr& e) {
    std::vector<i64> v;
    for (const auto& a : e.args) v.push_back(static_cast<i64>(expr(f, *a).number));
    std::optional<Date> out;
    const bool good = e.op == Op::MakeDate || date_valid(v[0]);
    constexpr i64 months_max = 12 * 400; // more than the calendar has
    if (good && e.op == Op::MakeDate) out = date_from_civil(v[0], v[1], v[2]);
    if (good && e.op == Op::AddMonths && v[1] >= -months_max && v[1] <= months_max) out = date_add_months(v[0], v[1], static_cast<EndOfMonth>(v[2]));
    if (good && e.op == Op::DatePart) {
        const Civil civil = civil_from_date(v[0]);
        const i64 parts[] = {civil.year, civil.month, civil.day, days_in_month(civil.year, civil.month)};
        return number(parts[e.index]);
    }
    if (!out) throw Stop{Trap::BadDate, nullptr, {}};
    return number(*out);
}

// ---- calls ----------------------------------------------------------------------------------------------------------

Value Evaluator::call_fn(Frame& f, const TExpr& e) {
    Frame callee{e.function, e.function->contract != nullptr ? f.self : nullptr, f.caller, {}, {}};
    for (const auto& a : e.args) callee.locals.push_back(expr(f, *a));
    return run(callee);
}

Value Evaluator::cross(Frame& f, const TExpr& e) {
    const auto id = static_cast<u64>(expr(f, *e.args[0]).number);
    std::vector<Value> arguments;
    for (std::size_t i = 1; i < e.args.size(); ++i) arguments.push_back(expr(f, *e.args[i]));
    const auto found = world_.instances.find(id);
    if (found == world_.instances.end()) throw Stop{Trap::NoSuchInstance, nullptr, {}};
    if (found->second.decl != e.contract) throw Stop{Trap::WrongContract, nullptr, {}};
    return entry(found->second, *e.function, f.self->id, std::move(arguments));
}

// ---- accruals --------------------------------------------------------------------------------------------------------

/// The date up to which an accrual counts: a book has a day of its own.
Date Evaluator::day_of(const Instance& self, int field) const {
    if (!self.decl->fields[static_cast<std::size_t>(field)].in_book) return today_;
    return static_cast<Date>(self.fields[static_cast<std::size_t>(self.decl->field("book__day"))].number);
}

/// sum + base × rate × days since it was last brought to date.
Wide Evaluator::brought_to(Frame& caller, int field, Date day) {
    Frame f = outside(*caller.self);
    const auto& decl = f.self->decl->fields[static_cast<std::size_t>(field)];
    const Accrual& now = f.self->accruals[static_cast<std::size_t>(field)];
    const auto p = factors(f, *decl.rate);
    i128 rate = p.above_constant;
    for (const auto* list : {&p.wide, &p.narrow})
        for (const i128 v : *list)
            if (!mul_fits(rate, v, rate)) throw Stop{Trap::Overflow, nullptr, {}};
    Wide sum = now.sum;
    const auto status = accrual_add(sum, expr(f, *decl.base).number, rate, day - now.since);
    if (status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    return sum;
}

void Evaluator::bring_to(Frame& f, int field, Date day) {
    Accrual& now = f.self->accruals[static_cast<std::size_t>(field)];
    if (now.since == day) return;
    now.sum = brought_to(f, field, day);
    now.since = day;
}

void Evaluator::touch(Frame& f, int field) { bring_to(f, field, day_of(*f.self, field)); }

i128 Evaluator::accrual_denominator(Frame& caller, int field) {
    Frame f = outside(*caller.self);
    const auto& decl = f.self->decl->fields[static_cast<std::size_t>(field)];
    auto p = factors(f, *decl.rate);
    if (decl.day_count) p.below.push_back(expr(f, *decl.day_count).number == 1 ? 360 : 365);
    else if (!mul_fits(p.below_constant, i128{decl.days_per_year}, p.below_constant)) throw NotCovered("constants beyond 128 bits");
    return denominator(p);
}

Value Evaluator::accrual(Frame& f, const TExpr& e) {
    Accrual& now = f.self->accruals[static_cast<std::size_t>(e.index)];
    const auto& decl = f.self->decl->fields[static_cast<std::size_t>(e.index)];
    const Date day = day_of(*f.self, e.index);
    if (e.op == Op::AccrualDrop) {
        now = {Wide{}, day};
        return {};
    }
    const bool asks = e.op == Op::AccrualValue;
    if (!asks) touch(f, e.index);
    const Wide sum = asks ? brought_to(f, e.index, day) : now.sum;
    const i128 below = accrual_denominator(f, e.index);
    const auto mode = static_cast<Rounding>(expr(f, *e.args[0]).number);
    i128 amount = 0;
    if (const auto status = accrual_round(sum, below, mode, amount); status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    if (decl.never_negative) amount = std::max(amount, i128{0});
    if (e.op == Op::AccrualClose) now = {Wide{}, day};
    if (e.op == Op::AccrualBill)
        if (const auto status = accrual_take(now.sum, amount, below); status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    return number(amount);
}

/// An accrual as a value: the four limbs of its sum, since when, what it is divided by, whether it stays at or above zero.
Value Evaluator::book_accrual(Frame& f, const TExpr& e) {
    constexpr std::size_t limbs = 4, since = 4, per = 5, never_negative = 6;
    const auto sum_of = [](const Value& saved) {
        Wide sum;
        for (std::size_t i = 0; i < limbs; ++i) sum.limbs[i] = static_cast<u64>(saved.parts[i].number);
        return sum;
    };
    if (e.op == Op::AccruedValue) {
        const Value saved = expr(f, *e.args[0]);
        const auto mode = static_cast<Rounding>(expr(f, *e.args[1]).number);
        i128 amount = 0;
        if (const auto status = accrual_round(sum_of(saved), saved.parts[per].number, mode, amount); status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
        return number(saved.parts[never_negative].number != 0 ? std::max(amount, i128{0}) : amount);
    }
    Value given;
    if (!e.args.empty()) given = expr(f, *e.args[0]);
    Accrual& now = f.self->accruals[static_cast<std::size_t>(e.index)];
    if (e.op == Op::AccrualAccrue) bring_to(f, e.index, static_cast<Date>(given.number));
    if (e.op == Op::AccrualClear) now = {Wide{}, day_of(*f.self, e.index)};
    if (e.op == Op::AccrualLoad) now = {sum_of(given), static_cast<Date>(given.parts[since].number)};
    Value out;
    if (e.op != Op::AccrualSave) return out;
    for (const u64 limb : now.sum.limbs) out.parts.push_back(number(static_cast<i64>(limb)));
    out.parts.push_back(number(now.since));
    out.parts.push_back(number(accrual_denominator(f, e.index)));
    out.parts.push_back(number(f.self->decl->fields[static_cast<std::size_t>(e.index)].never_negative ? 1 : 0));
    return out;
}

// ---- money -----------------------------------------------------------------------------------------------------------

/// The entry of a vault: the vault itself if it is plain.
Value& Evaluator::vault(Frame& f, const TExpr& e) {
    Value& all = f.self->fields[static_cast<std::size_t>(e.index)];
    const Ty* type = f.self->decl->fields[static_cast<std::size_t>(e.index)].type;
    if (type->is(Kind::Cash)) return all;
    const Value key = expr(f, *e.args[0]);
    bool found = false;
    const std::size_t at = find_key(all, key, type, found);
    if (e.op == Op::VaultOpen && !found) {
        if (count_of(all, type) >= type->max) throw Stop{Trap::Capacity, nullptr, {}};
        all.parts.insert(all.parts.begin() + static_cast<std::ptrdiff_t>(at), {key, Value{}});
    } else if (!found) {
        throw Stop{Trap::MissingKey, nullptr, {}};
    }
    return all.parts[at + 1];
}

Value Evaluator::money(Frame& f, const TExpr& e) {
    const auto out_of = [](Value& held, i128 amount) {
        if (amount < 0) throw Stop{Trap::NegativeAmount, nullptr, {}};
        if (amount > held.number) throw Stop{Trap::Insufficient, nullptr, {}};
        held.number -= amount;
        return number(amount);
    };
    const auto local = [&]() -> Value& { return f.locals[static_cast<std::size_t>(e.index)]; };
    switch (e.op) {
    case Op::MoveLocal: return std::exchange(local(), number(0));
    case Op::EmptyCash: return number(0);
    case Op::CashAmount: return number(local().number);
    case Op::VaultAmount: return number(vault(f, e).number);
    case Op::VaultHas: {
        const Value key = expr(f, *e.args[0]);
        bool found = false;
        static_cast<void>(find_key(f.self->fields[static_cast<std::size_t>(e.index)], key, f.self->decl->fields[static_cast<std::size_t>(e.index)].type, found));
        return number(found ? 1 : 0);
    }
    case Op::VaultOpen: vault(f, e); return {};
    case Op::VaultWithdraw: { // key, amount, and only then what is there
        const bool keyed = e.args[0] != nullptr;
        const Value key = keyed ? expr(f, *e.args[0]) : Value{};
        const i128 amount = expr(f, *e.args[1]).number;
        if (amount < 0) throw Stop{Trap::NegativeAmount, nullptr, {}};
        Value& all = f.self->fields[static_cast<std::size_t>(e.index)];
        if (!keyed) return out_of(all, amount);
        bool found = false;
        const std::size_t at = find_key(all, key, f.self->decl->fields[static_cast<std::size_t>(e.index)].type, found);
        if (!found) throw Stop{Trap::MissingKey, nullptr, {}};
        return out_of(all.parts[at + 1], amount);
    }
    case Op::VaultDeposit: {
        const i128 amount = expr(f, *e.args[1]).number;
        vault(f, e).number += amount;
        return {};
    }
    case Op::Take: {
        const i128 amount = expr(f, *e.args[0]).number;
        return out_of(local(), amount);
    }
    case Op::Join: {
        const i128 amount = expr(f, *e.args[0]).number;
        local().number += amount;
        return {};
    }
    default: // EndCash
        if (local().number != 0) throw Stop{Trap::AssetLeft, nullptr, {}};
        return {};
    }
}

} // namespace tally::agreement
