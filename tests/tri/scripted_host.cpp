#include "tests/tri/scripted_host.hpp"

#include "tests/agreement/dice.hpp"
#include "vm/value/memory.hpp"

namespace tally::tri {
namespace {

constexpr u64 refuses_one_in = 60; ///< often enough to be met, rarely enough for runs to go on
constexpr u64 charges_one_in = 3;
constexpr std::array refusals{Trap::Refused, Trap::MissingKey, Trap::Insufficient, Trap::NegativeAmount, Trap::NoSuchInstance, Trap::Capacity, Trap::AssetLeft, Trap::Overflow};

} // namespace

// ---- answers ------------------------------------------------------------------------------------------------------------

/// What comes next depends on everything that was asked so far.
void ScriptedHost::asked(u64 question) {
    heard(question);
    state_ = agreement::Dice(seed_ ^ trace_.size() * 0x9e3779b97f4a7c15U ^ question).next();
}

u64 ScriptedHost::next() { return state_ = agreement::Dice(state_ ^ trace_.back()).next(); }

void ScriptedHost::heard(i128 wide) {
    heard(low_half(wide));
    heard(static_cast<u64>(high_half(wide)));
}

void ScriptedHost::look(const Arena& arena, u64 address) {
    const std::uint8_t* const at = arena.at(address, 16);
    heard(at == nullptr ? 0 : read_word<u64>(at));
    heard(at == nullptr ? 0 : read_word<u64>(at + 8));
}

u64 ScriptedHost::word() {
    const u64 kind = next() % 8;
    if (kind < 3) return next() % 2;
    if (kind < 6) return next() % 1000;
    return kind == 6 ? next() : u64{1} << next() % 64;
}

i128 ScriptedHost::wide() {
    const u64 low = word();
    return one_in(4) ? from_halves(low, word()) : from_halves(low, 0);
}

Trap ScriptedHost::refusal() { return one_in(refuses_one_in) ? refusals[next() % refusals.size()] : Trap::None; }

Trap ScriptedHost::cost(Gas& gas) {
    if (!one_in(charges_one_in)) return Trap::None;
    return gas.charge(static_cast<i64>(next() % 50)) ? Trap::None : Trap::OutOfGas;
}

void ScriptedHost::leave_mark(Arena& arena, u64 address) {
    std::uint8_t* const at = arena.at(address, 8);
    if (at == nullptr || one_in(2)) return;
    write_word(at, word());
}

// ---- the runtime ----------------------------------------------------------------------------------------------------------

Trap ScriptedHost::call(HostFn fn, const HostCall& args) {
    const HostInfo& info = host_info(fn);
    asked(static_cast<u64>(fn));
    std::vector<u64> pointers;
    std::size_t x = 0, w = 0;
    for (const char kind : info.signature.substr(0, info.signature.find(':'))) {
        if (kind == 'w') {
            heard(args.w[w++]);
            continue;
        }
        heard(args.x[x]);
        if (kind == 'p') {
            look(*args.arena, args.x[x]);
            pointers.push_back(args.x[x]);
        }
        ++x;
    }
    heard(static_cast<u64>(args.gas->left));
    if (const Trap trap = cost(*args.gas); trap != Trap::None) return trap;
    if (fn == HostFn::Fail) return Trap::Refused;
    if (const Trap trap = refusal(); trap != Trap::None) return trap;
    for (const u64 p : pointers) leave_mark(*args.arena, p);
    if (info.result() == 'x') args.x[0] = word();
    if (info.result() == 'w') args.w[0] = wide();
    return Trap::None;
}

Trap ScriptedHost::call_import(std::uint32_t number, const HostCall& args) {
    const Import& import = module_.imports[number];
    asked(FirstImport + number);
    heard(args.x[0]);
    std::size_t x = 1, w = 0, h = 0;
    for (const std::uint32_t type : import.params) {
        const TypeKind kind = module_.types[type].kind;
        const ResultBank bank = bank_of(kind);
        if (bank == ResultBank::W) heard(args.w[w++]);
        if (bank == ResultBank::H) heard(u64{args.h[h++]});
        if (bank != ResultBank::X) continue;
        heard(args.x[x]);
        if (is_aggregate(kind)) look(*args.arena, args.x[x]);
        ++x;
    }
    if (const Trap trap = cost(*args.gas); trap != Trap::None) return trap;
    if (const Trap trap = refusal(); trap != Trap::None) return trap;
    if (import.result == none) return Trap::None;
    const TypeKind kind = module_.types[import.result].kind;
    if (is_aggregate(kind)) leave_mark(*args.arena, args.x[x]);
    else if (bank_of(kind) == ResultBank::X) args.x[0] = word();
    else if (bank_of(kind) == ResultBank::W) args.w[0] = wide();
    else if (bank_of(kind) == ResultBank::H) args.h[0] = fresh();
    return Trap::None;
}

// ---- assets ---------------------------------------------------------------------------------------------------------------

Trap ScriptedHost::asset(Holding* out) {
    const Trap trap = refusal();
    if (trap == Trap::None && out != nullptr) *out = fresh();
    return trap;
}

Trap ScriptedHost::asset_empty(Holding& out) {
    asked(Empty);
    return asset(&out);
}

Trap ScriptedHost::asset_amount(Holding holding, i128& out) {
    asked(Amount);
    heard(u64{holding});
    const Trap trap = asset(nullptr);
    if (trap == Trap::None) out = wide();
    return trap;
}

Trap ScriptedHost::asset_withdraw(std::uint32_t vault, u64 key, i128 amount, Arena& arena, Holding& out) {
    asked(Withdraw);
    heard(u64{vault});
    heard(key);
    heard(amount);
    look(arena, key);
    return asset(&out);
}

Trap ScriptedHost::asset_deposit(std::uint32_t vault, u64 key, Arena& arena, Holding holding) {
    asked(Deposit);
    heard(u64{vault});
    heard(key);
    heard(u64{holding});
    look(arena, key);
    return asset(nullptr);
}

Trap ScriptedHost::asset_pay(Holding holding, u64 account) {
    asked(Pay);
    heard(u64{holding});
    heard(account);
    return asset(nullptr);
}

Trap ScriptedHost::asset_take(Holding from, i128 amount, Holding& out) {
    asked(Take);
    heard(u64{from});
    heard(amount);
    return asset(&out);
}

Trap ScriptedHost::asset_join(Holding into, Holding from) {
    asked(Join);
    heard(u64{into});
    heard(u64{from});
    return asset(nullptr);
}

Trap ScriptedHost::asset_end(Holding holding) {
    asked(End);
    heard(u64{holding});
    return asset(nullptr);
}

} // namespace tally::tri
