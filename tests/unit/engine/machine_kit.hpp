/// What the engine's tests share: a host that writes down what it was asked, and a way to run text.
#pragma once

#include "vm/bytecode/assemble.hpp"
#include "vm/engine/machine.hpp"
#include "vm/engine/native/native.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

namespace tally::test {

/// Knows a few holdings by number, amounts in minor units; refuses nothing but what it must.
class TestHost final : public Host {
public:
    std::vector<std::string> calls;
    std::vector<i128> amounts{0}; ///< by holding; 0 is none
    Trap answer = Trap::None;     ///< of host and import calls
    u64 answer_x = 0;
    i128 answer_w = 0;
    Holding answer_h = 0;

    Trap call(HostFn fn, const HostCall& args) override {
        calls.push_back(std::string(host_info(fn).name) + " " + std::to_string(args.x[0]));
        if (host_info(fn).result() == 'x') args.x[0] = answer_x;
        if (host_info(fn).result() == 'w') args.w[0] = answer_w;
        return answer;
    }
    Trap call_import(std::uint32_t import, const HostCall& args) override {
        calls.push_back("import " + std::to_string(import) + " " + std::to_string(args.x[0]));
        args.x[0] = answer_x;
        if (answer_h != 0) args.h[0] = answer_h;
        return answer;
    }
    Trap asset_empty(Holding& out) override { return make(0, out); }
    Trap asset_amount(Holding holding, i128& out) override {
        out = amounts[holding];
        return Trap::None;
    }
    Trap asset_withdraw(std::uint32_t vault, u64 key, i128 amount, Arena&, Holding& out) override {
        calls.push_back("withdraw " + std::to_string(vault) + " " + std::to_string(key));
        if (amount < 0) return Trap::NegativeAmount;
        return make(amount, out);
    }
    Trap asset_deposit(std::uint32_t vault, u64 key, Arena&, Holding holding) override {
        calls.push_back("deposit " + std::to_string(vault) + " " + std::to_string(key));
        return use_up(holding);
    }
    Trap asset_pay(Holding holding, u64 account) override {
        calls.push_back("pay " + std::to_string(account));
        return use_up(holding);
    }
    Trap asset_take(Holding from, i128 amount, Holding& out) override {
        if (amount > amounts[from]) return Trap::Insufficient;
        amounts[from] -= amount;
        return make(amount, out);
    }
    Trap asset_join(Holding into, Holding from) override {
        amounts[into] += amounts[from];
        return use_up(from);
    }
    Trap asset_end(Holding holding) override {
        return amounts[holding] == 0 ? Trap::None : Trap::AssetLeft;
    }

private:
    Trap make(i128 amount, Holding& out) {
        out = static_cast<Holding>(amounts.size());
        amounts.push_back(amount);
        return Trap::None;
    }
    Trap use_up(Holding holding) {
        amounts[holding] = 0;
        return Trap::None;
    }
};

using ProgramRef = std::shared_ptr<const Program>;

inline ProgramRef must_load(Module module) {
    auto loaded = load(std::move(module), Hash{});
    if (const auto* error = std::get_if<VerifyError>(&loaded)) FAIL(error->what);
    return std::get<ProgramRef>(std::move(loaded));
}

inline Module must_assemble(std::string_view text) {
    auto assembled = assemble(text);
    if (const auto* error = std::get_if<ModuleError>(&assembled)) FAIL(error->what);
    return std::get<Module>(std::move(assembled));
}

/// A module with a contract that has a plain vault (field 0) and a vault by key (field 1), and with
/// import 0: takes cash and gives cash.
inline Module with_vaults(std::string_view text) {
    Module m = must_assemble("imports 1\n" + std::string(text));
    m.types = {{TypeKind::Cash, "", none, none, 0, {}, {}},
               {TypeKind::Int, "", none, none, 0, {}, {}},
               {TypeKind::Map, "", 1, 0, 9, {}, {}}};
    Contract c;
    c.states = {"open"};
    c.edges = {0};
    c.fields = {{"till", FieldKind::Vault, 0, 0}, {"pots", FieldKind::Vault, 2, 0}};
    m.contracts = {c};
    m.imports[0].params = {0};
    m.imports[0].result = 0;
    return m;
}

/// One run: function 0 with its stack at 1024 in an arena of 4096 bytes.
struct Trial {
    static constexpr std::uint32_t stack = 1024;
    Arena arena{4096};
    Gas gas{1'000'000};
    TestHost host;

    /// On the interpreter; what machine code does from the same start must be the same.
    Outcome operator()(const ProgramRef& program, const Arguments& arguments = {}) {
        Arena other_arena = arena;
        Gas other_gas = gas;
        TestHost other_host = host;
        Registers seen, other_seen;
        const Outcome outcome = program->engine(*program, {0, arguments, stack, arena, gas, host, &seen});
        const ProgramRef native = on_native_code(program);
#if defined(__x86_64__)
        REQUIRE(native != program);
#endif
        const Outcome other = native->engine(*native, {0, arguments, stack, other_arena, other_gas, other_host, &other_seen});
        CHECK(other.trap == outcome.trap);
        CHECK(other.x == outcome.x);
        CHECK((other.w == outcome.w));
        CHECK(other.h == outcome.h);
        CHECK(other.function == outcome.function);
        CHECK(other.instruction == outcome.instruction);
        CHECK(other_gas.left == gas.left);
        CHECK(std::memcmp(other_arena.at(self_address, 0), arena.at(self_address, 0), arena.size() - self_address) == 0);
        CHECK((other_seen == seen));
        CHECK(other_host.calls == host.calls);
        return outcome;
    }
    Outcome operator()(std::string_view text, const Arguments& arguments = {}) {
        return (*this)(must_load(must_assemble(text)), arguments);
    }
    void put(u64 address, u64 value) {
        std::uint8_t* to = arena.at(address, 8);
        for (int i = 0; i < 8; ++i)
            to[i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    u64 word(u64 address) {
        const std::uint8_t* from = arena.at(address, 8);
        u64 value = 0;
        for (int i = 7; i >= 0; --i)
            value = value << 8 | from[i];
        return value;
    }
    void put_wide(u64 address, i128 value) {
        put(address, low_half(value));
        put(address + 8, static_cast<u64>(high_half(value)));
    }
    i128 wide(u64 address) { return from_halves(word(address), word(address + 8)); }
};

} // namespace tally::test
