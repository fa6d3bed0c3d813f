// Places, collections, folds, allocate and waterfall.
#include "tests/agreement/iterate.hpp"
#include "vm/engine/natives.hpp"
#include "vm/value/split.hpp"

#include <algorithm>
#include <numeric>

namespace tally::agreement {

// ---- places -----------------------------------------------------------------------------------------------------------

bool Evaluator::is_place(const TExpr& e) {
    if (e.op == Op::Local || e.op == Op::Field || e.op == Op::ParentField) return true;
    return (e.op == Op::Member || e.op == Op::Index || e.op == Op::MapAt) && is_place(*e.args[0]);
}

/// Indices and keys are worked out from the outside in, each looked up before the next.
Evaluator::Place Evaluator::place(Frame& f, const TExpr& e) {
    Place out;
    if (e.op == Op::Local || e.op == Op::Field || e.op == Op::ParentField) {
        out.root = e.op == Op::Local ? &f.locals[static_cast<std::size_t>(e.index)] : &field(f, e);
        return out;
    }
    if (!is_place(e)) throw NotCovered("a place of this form");
    out = place(f, *e.args[0]);
    Place::Step step{e.op, 0, {}, e.args[0]->type};
    if (e.op == Op::Member) step.field = static_cast<std::size_t>(e.index);
    else step.key = expr(f, *e.args[1]);
    out.steps.push_back(std::move(step));
    at(out);
    return out;
}

Value& Evaluator::step_into(Value& v, const Place::Step& step) {
    if (step.op == Op::Member) return v.parts[step.field];
    if (step.op == Op::Index) {
        if (step.key.number < 0 || step.key.number >= static_cast<i128>(v.parts.size())) throw Stop{Trap::IndexRange, nullptr, {}};
        return v.parts[static_cast<std::size_t>(step.key.number)];
    }
    bool found = false;
    const std::size_t at = find_key(v, step.key, step.type, found);
    if (!found) throw Stop{Trap::MissingKey, nullptr, {}};
    return v.parts[at + 1];
}

Value& Evaluator::at(Place& p) {
    Value* out = p.root;
    for (const auto& step : p.steps) out = &step_into(*out, step);
    return *out;
}

/// An element as it is when its index or key is known.
Value Evaluator::read_element(Frame& f, const TExpr& e) {
    if (is_place(e)) {
        Place from = place(f, e);
        return at(from);
    }
    Value all = expr(f, *e.args[0]);
    const Place::Step step{e.op, 0, expr(f, *e.args[1]), e.args[0]->type};
    return step_into(all, step);
}

/// The value under a key of a map, zero if it is new; the element in a set.
Value& Evaluator::put_element(Value& table, const Value& key, const Ty* type) {
    bool found = false;
    const bool map = type->is(Kind::Map);
    const std::size_t at = find_key(table, key, type, found);
    const auto where = table.parts.begin() + static_cast<std::ptrdiff_t>(at);
    if (!found && count_of(table, type) >= type->max) throw Stop{Trap::Capacity, nullptr, {}};
    if (!found && map) table.parts.insert(where, {key, zero_of(type->element)});
    if (!found && !map) table.parts.insert(where, key);
    return table.parts[at + (map ? 1 : 0)];
}

// ---- collections --------------------------------------------------------------------------------------------------------

Value Evaluator::collection(Frame& f, const TExpr& e) {
    const TExpr& object = *e.args[0];
    switch (e.op) {
    case Op::Count: case Op::IsEmpty: {
        const Value all = expr(f, object);
        const std::size_t count = object.type->collection() ? count_of(all, object.type) : all.text.size();
        return number(e.op == Op::Count ? static_cast<i128>(count) : count == 0 ? 1 : 0);
    }
    case Op::Has: case Op::Get: return keyed_read(f, e);
    case Op::Keys: {
        const Value map = expr(f, object);
        Value out;
        for (std::size_t i = 0; i < map.parts.size(); i += 2) out.parts.push_back(map.parts[i]);
        return out;
    }
    default: change(f, e); return {};
    }
}

Value Evaluator::keyed_read(Frame& f, const TExpr& e) {
    const TExpr& object = *e.args[0];
    Place from;
    Value temporary;
    if (is_place(object)) from = place(f, object);
    else temporary = expr(f, object);
    const Value key = expr(f, *e.args[1]);
    const Value& all = from.root != nullptr ? at(from) : temporary;
    bool found = false;
    const std::size_t where = find_key(all, key, object.type, found);
    if (e.op == Op::Has) return number(found ? 1 : 0);
    return found ? all.parts[where + 1] : expr(f, *e.args[2]);
}

void Evaluator::change(Frame& f, const TExpr& e) {
    const Ty* type = e.args[0]->type;
    Place to = place(f, *e.args[0]);
    const Value given = expr(f, *e.args[1]);
    Value& all = at(to);
    bool found = false;
    switch (e.op) {
    case Op::Push:
        if (all.parts.size() >= type->max) throw Stop{Trap::Capacity, nullptr, {}};
        all.parts.push_back(given);
        return;
    case Op::Insert: put_element(all, given, type); return;
    case Op::InsertAll:
        for (const Value& one : given.parts) put_element(all, one, type);
        return;
    default: { // Remove
        const std::size_t where = find_key(all, given, type, found);
        const auto first = all.parts.begin() + static_cast<std::ptrdiff_t>(where);
        if (found) all.parts.erase(first, first + (type->is(Kind::Map) ? 2 : 1));
    }
    }
}

void Evaluator::bind(Frame& f, const std::vector<int>& locals, const Element& element) {
    if (locals.size() == 2) f.locals[static_cast<std::size_t>(locals[0])] = element.key;
    if (!locals.empty()) f.locals[static_cast<std::size_t>(locals.back())] = element.value;
}

Value Evaluator::fold(Frame& f, const TExpr& e) {
    const bool sum = e.op == Op::Fold, every = e.op == Op::Every;
    i128 out = every ? 1 : 0;
    iterate(f, *e.args[1], [&](const Element& element) {
        bind(f, e.locals, element);
        if (sum && e.args[2] && expr(f, *e.args[2]).number == 0) return true;
        const i128 value = expr(f, *e.args[0]).number;
        if (!sum) {
            if ((value != 0) == every) return true;
            out = every ? 0 : 1;
            return false;
        }
        const bool fits = add_fits(out, value, out) && (e.type->wide() || out == static_cast<i64>(out));
        if (!fits) throw Stop{Trap::Overflow, nullptr, {}};
        return true;
    });
    return number(out);
}

Value Evaluator::collect(Frame& f, const TExpr& e) {
    Value out;
    collect_into(f, e, e.type, out);
    return out;
}

/// Passes within a pass go into one list.
void Evaluator::collect_into(Frame& f, const TExpr& e, const Ty* type, Value& out) {
    iterate(f, *e.args[1], [&](const Element& element) {
        bind(f, e.locals, element);
        if (e.index == 1) {
            collect_into(f, *e.args[0], type, out);
            return true;
        }
        if (e.args[2] && expr(f, *e.args[2]).number == 0) return true;
        Value value = expr(f, *e.args[0]);
        if (out.parts.size() >= type->max) throw Stop{Trap::Capacity, nullptr, {}};
        out.parts.push_back(std::move(value));
        return true;
    });
}

Value Evaluator::joined(Frame& f, const TExpr& e) {
    Value out;
    for (const auto& part : e.args)
        for (const Value& one : expr(f, *part).parts) put_element(out, one, e.type);
    return out;
}

Value Evaluator::filled(Frame& f, const TExpr& e) {
    const Value of = expr(f, *e.args[0]);
    const Value value = expr(f, *e.args[1]);
    Value out;
    if (e.op == Op::MapFilled) {
        for (const Value& key : of.parts) put_element(out, key, e.type) = value;
        return out;
    }
    if (of.number < 0) throw Stop{Trap::BadArgument, nullptr, {}};
    if (of.number > static_cast<i128>(e.type->max)) throw Stop{Trap::Capacity, nullptr, {}};
    out.parts.assign(static_cast<std::size_t>(of.number), value);
    return out;
}

/// From the first number up to the second, which is not among them.
Value Evaluator::range(Frame& f, const TExpr& e) {
    const i128 from = expr(f, *e.args[0]).number;
    const i128 count = expr(f, *e.args[1]).number - from;
    if (count > static_cast<i128>(e.type->max)) throw Stop{Trap::Capacity, nullptr, {}};
    Value out;
    for (i128 i = 0; i < count; ++i) out.parts.push_back(number(from + i));
    return out;
}

// ---- histories ------------------------------------------------------------------------------------------------------------

/// The last row from that date or before it.
Value Evaluator::dated_on(Frame& f, const TExpr& e) {
    Place from = place(f, *e.args[0]);
    const i128 date = expr(f, *e.args[1]).number;
    const Value* found = nullptr;
    for (const Value& row : at(from).parts)
        if (row.parts[0].number <= date) found = &row;
    if (found == nullptr) throw Stop{Trap::MissingKey, nullptr, {}};
    return found->parts[1];
}

/// Never the past; the last row's own date replaces its value.
void Evaluator::dated_set(Frame& f, const TExpr& e) {
    const Value date = expr(f, *e.args[1]);
    Value row;
    row.parts = {date, expr(f, *e.args[2])};
    Place to = place(f, *e.args[0]);
    auto& rows = at(to).parts;
    const bool late = rows.empty() || date.number >= rows.back().parts[0].number;
    const bool beginning = f.fn->kind == syntax::FnKind::Create; // later only from tomorrow on
    if (date.number < today_ || (date.number == today_ && !beginning) || !late) throw Stop{Trap::BadArgument, nullptr, {}};
    if (!rows.empty() && date.number == rows.back().parts[0].number) {
        rows.back() = std::move(row);
        return;
    }
    if (rows.size() >= e.args[0]->type->max) throw Stop{Trap::Capacity, nullptr, {}};
    rows.push_back(std::move(row));
}

Value Evaluator::resize(Frame& f, const TExpr& e) {
    Value out = expr(f, *e.args[0]);
    if (count_of(out, e.type) > e.type->max) throw Stop{Trap::Capacity, nullptr, {}};
    return out;
}

// ---- shares -------------------------------------------------------------------------------------------------------------

std::vector<i128> Evaluator::shares(i128 whole, const Value& weights) {
    std::vector<i128> w, parts(weights.parts.size());
    for (const Value& weight : weights.parts) w.push_back(weight.number);
    if (const auto status = split(whole, w, parts); status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    return parts;
}

Value Evaluator::allocate(Frame& f, const TExpr& e) {
    const i128 whole = expr(f, *e.args[0]).number;
    const Value weights = expr(f, *e.args[1]);
    Value out;
    if (e.index != 1 && !e.args[2]) {
        for (const i128 part : shares(whole, weights)) out.parts.push_back(number(part));
        return out;
    }
    std::vector<i128> w, carry, parts(weights.parts.size());
    for (const Value& weight : weights.parts) w.push_back(weight.number);
    Place remembered;
    if (e.args[2]) {
        remembered = place(f, *e.args[2]);
        // Empty at first, then the sum of the weights that it counts over and what each row is owed.
        const auto& known = at(remembered).parts;
        for (std::size_t i = 1; i < known.size(); ++i) carry.push_back(known[i].number);
        if (known.empty()) carry.resize(w.size());
        if (carry.size() != w.size() || (!known.empty() && known[0].number != std::accumulate(w.begin(), w.end(), i128{0}))) throw Stop{Trap::BadArgument, nullptr, {}};
    }
    const std::size_t first = e.index == 1 ? static_cast<std::size_t>(f.self->id) : 0;
    if (const auto status = share(whole, w, carry, first, parts); status != Arithmetic::Ok) throw Stop{trap_of(status), nullptr, {}};
    for (const i128 part : parts) out.parts.push_back(number(part));
    if (!e.args[2]) return out;
    Value& now = at(remembered);
    now.parts = {number(std::accumulate(w.begin(), w.end(), i128{0}))};
    for (const i128 owed : carry) now.parts.push_back(number(owed));
    return out;
}

/// The last field of the result is the rest.
Value Evaluator::waterfall(Frame& f, const TExpr& e) {
    const Value amount = expr(f, *e.args[0]);
    Value result = zero_of(e.type);
    result.parts.back() = amount;
    tiers(f, e.tiers, result);
    return result;
}

void Evaluator::tiers(Frame& f, const std::vector<TTier>& list, Value& result) {
    const auto take = [&](const TTier& tier, i128 wanted) {
        i128& left = result.parts.back().number;
        i128& total = result.parts[static_cast<std::size_t>(tier.result)].number;
        const i128 taken = std::max(std::min(left, wanted), i128{0});
        left -= taken;
        if (!add_fits(total, taken, total)) throw Stop{Trap::Overflow, nullptr, {}};
        return taken;
    };
    for (const auto& tier : list) {
        if (tier.kind == TTier::Kind::UpTo) {
            take(tier, expr(f, *tier.amount).number);
        } else if (tier.kind == TTier::Kind::From) {
            Place from = place(f, *tier.amount);
            at(from).number -= take(tier, at(from).number);
        } else {
            // Each row is changed as the loop's variable and put back.
            Place rows = place(f, *tier.list);
            for (std::size_t i = 0; i < at(rows).parts.size(); ++i) {
                Value& variable = f.locals[static_cast<std::size_t>(tier.variable)];
                variable = at(rows).parts[i];
                if (tier.kind == TTier::Kind::Each) {
                    tiers(f, tier.inner, result);
                } else {
                    Place from = place(f, *tier.amount);
                    at(from).number -= take(tier, at(from).number);
                }
                at(rows).parts[i] = variable;
            }
        }
    }
}

} // namespace tally::agreement
