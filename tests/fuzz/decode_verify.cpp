// Hostile bytes: what decodes has one encoding, what verifies runs without harm.
#include "vm/bytecode/encode.hpp"
#include "vm/engine/machine.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace tally;

/// Agrees to everything and does nothing.
class NullHost final : public Host {
public:
    Trap call(HostFn, const HostCall&) override { return Trap::None; }
    Trap call_import(std::uint32_t, const HostCall&) override { return Trap::None; }
    Trap asset_empty(Holding& out) override { return fill(out); }
    Trap asset_amount(Holding, i128& out) override {
        out = 0;
        return Trap::None;
    }
    Trap asset_withdraw(std::uint32_t, u64, i128, Arena&, Holding& out) override {
        return fill(out);
    }
    Trap asset_deposit(std::uint32_t, u64, Arena&, Holding) override { return Trap::None; }
    Trap asset_pay(Holding, u64) override { return Trap::None; }
    Trap asset_take(Holding, i128, Holding& out) override { return fill(out); }
    Trap asset_join(Holding, Holding) override { return Trap::None; }
    Trap asset_end(Holding) override { return Trap::None; }

private:
    static Trap fill(Holding& out) {
        out = 1;
        return Trap::None;
    }
};

void demand(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    auto decoded = decode(input);
    auto* module = std::get_if<Module>(&decoded);
    if (module == nullptr) return 0;
    const Bytes again = encode(*module);
    demand(std::equal(again.begin(), again.end(), input.begin(), input.end()));

    auto loaded = load(std::move(*module), module_hash(input));
    const auto* program = std::get_if<std::shared_ptr<const Program>>(&loaded);
    if (program == nullptr || (*program)->code.empty()) return 0;
    const Function& first = (*program)->module.functions[0];
    const Arguments arguments{std::vector<u64>(first.x_params, 64),
                              std::vector<i128>(first.w_params, 1),
                              std::vector<Holding>(first.h_params, 1)};
    Arena arena(self_address + (*program)->facts.stack_bytes[0] + 4096);
    Gas gas{100'000};
    NullHost host;
    const Outcome outcome = run(**program, 0, arguments, self_address, arena, gas, host);
    demand(gas.left >= 0 && gas.left <= 100'000);
    demand(outcome.trap == Trap::None || trap_info(outcome.trap) != nullptr);
    return 0;
}
