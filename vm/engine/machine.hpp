/// The machine: runs one function of a program in an arena. What it cannot do alone it asks of a
/// Host. Nothing here allocates per instruction, reads a clock or throws.
#pragma once

#include "vm/engine/program.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tally {

/// A runtime's number for a holding; 0 is none. The machine only ever moves it.
using Holding = std::uint32_t;

/// The linear memory of one instance during one transaction. All bytes zero until written.
class Arena {
public:
    explicit Arena(std::uint32_t size) : bytes_(size) {}
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_.size()); }
    /// The checked way in: nothing unless [address, address + n) lies in the arena above the null page.
    [[nodiscard]] std::uint8_t* at(u64 address, u64 n) {
        const u64 end = bytes_.size();
        if (address < self_address || n > end || address > end - n) return nullptr;
        return bytes_.data() + address;
    }
    [[nodiscard]] const std::uint8_t* at(u64 address, u64 n) const {
        return const_cast<Arena*>(this)->at(address, n);
    }
    void clear() { std::fill(bytes_.begin(), bytes_.end(), std::uint8_t{0}); }
    void resize(std::uint32_t size) { bytes_.assign(size, 0); }

private:
    std::vector<std::uint8_t> bytes_;
};

/// What is left of the limit; charged before the work.
struct Gas {
    i64 left = 0;
    [[nodiscard]] bool charge(i64 amount) {
        if (amount > left) {
            left = 0;
            return false;
        }
        left -= amount;
        return true;
    }
};

/// The registers of a call to the outside, and what it may touch.
struct HostCall {
    u64* x;      ///< x[a…] of the caller; a result goes to x[0]
    i128* w;     ///< w[b…]; a result goes to w[0]
    Holding* h;  ///< h[c…] (imports only)
    Arena* arena;
    Gas* gas;
};

class Observer;

/// The runtime, as the machine sees it. A call charges its size-dependent gas itself, before acting
/// (the static part is already paid), and returns Trap::None or why the run stops.
class Host {
public:
    virtual ~Host() = default;
    [[nodiscard]] virtual Trap call(HostFn fn, const HostCall& args) = 0;
    [[nodiscard]] virtual Trap call_import(std::uint32_t import, const HostCall& args) = 0;
    // Assets. `key` is an address in the arena, 0 for a plain vault.
    [[nodiscard]] virtual Trap asset_empty(Holding& out) = 0;
    [[nodiscard]] virtual Trap asset_amount(Holding holding, i128& out) = 0;
    [[nodiscard]] virtual Trap asset_withdraw(std::uint32_t vault, u64 key, i128 amount, Arena& arena, Holding& out) = 0;
    [[nodiscard]] virtual Trap asset_deposit(std::uint32_t vault, u64 key, Arena& arena, Holding holding) = 0;
    [[nodiscard]] virtual Trap asset_pay(Holding holding, u64 account) = 0;
    [[nodiscard]] virtual Trap asset_take(Holding from, i128 amount, Holding& out) = 0;
    [[nodiscard]] virtual Trap asset_join(Holding into, Holding from) = 0;
    [[nodiscard]] virtual Trap asset_end(Holding holding) = 0;
    /// Whom the traced engine shows the run to (observer.hpp); no other engine asks.
    [[nodiscard]] virtual Observer* observer() { return nullptr; }
};

struct Arguments {
    std::vector<u64> x;
    std::vector<i128> w;
    std::vector<Holding> h;
};

struct Outcome {
    Trap trap = Trap::None;
    u64 x = 0;
    i128 w = 0;
    Holding h = 0;
    // Where it stopped, for people; not consensus.
    std::uint32_t function = none, instruction = none;
};

/// Registers of the frame in which a run stopped; of the first frame when it completed. For tests.
struct Registers {
    std::vector<u64> x;
    std::vector<i128> w;
    std::vector<Holding> h;
    friend bool operator==(const Registers&, const Registers&) = default;
};

/// What a run begins with.
struct Start {
    std::uint32_t function;
    const Arguments& arguments;
    std::uint32_t stack;
    Arena& arena;
    Gas& gas;
    Host& host;
    Registers* seen = nullptr; ///< filled at the end, if anybody asks
};

/// The default engine: direct-threaded, no preparation beyond `load`.
[[nodiscard]] Outcome interpret(const Program& program, const Start& start);

/// Runs `function` on the program's engine with its frame at `stack` (a multiple of 16; frames grow upwards; the arena must
/// reach stack + facts.stack_bytes[function]). `gas` goes down by what was used. Registers live in a
/// stack of the machine's own.
[[nodiscard]] Outcome run(const Program& program, std::uint32_t function, const Arguments& arguments,
                          std::uint32_t stack, Arena& arena, Gas& gas, Host& host);

/// The source line of an instruction, 0 if unknown.
[[nodiscard]] std::uint32_t line_of(const Function& function, std::uint32_t instruction);

} // namespace tally
