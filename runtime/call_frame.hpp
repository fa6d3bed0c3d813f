/// The runtime as one running instance sees it: the machine's Host.
#pragma once

#include "runtime/execution.hpp"

namespace tally {

class CallFrame : public Host {
public:
    CallFrame(Execution& execution, OpenInstance& self, OpenInstance* caller, bool read_only)
        : execution_(execution), self_(self), caller_(caller), read_only_(read_only) {}

    Trap call(HostFn fn, const HostCall& args) override;
    Trap call_import(std::uint32_t import, const HostCall& args) override;
    Trap asset_empty(Holding& out) override;
    Trap asset_amount(Holding holding, i128& out) override;
    Trap asset_withdraw(std::uint32_t vault, u64 key, i128 amount, Arena& arena,
                        Holding& out) override;
    Trap asset_deposit(std::uint32_t vault, u64 key, Arena& arena, Holding holding) override;
    Trap asset_pay(Holding holding, u64 account) override;
    Trap asset_take(Holding from, i128 amount, Holding& out) override;
    Trap asset_join(Holding into, Holding from) override;
    Trap asset_end(Holding holding) override;
    Observer* observer() override;

private:
    Trap become(u64 state);
    Trap emit(const HostCall& args);
    Trap fail(const HostCall& args);
    Trap parent_of(const HostCall& args);

    /// A stored collection and whose it is.
    struct Collection {
        OpenInstance* holder = nullptr;
        std::uint32_t field = 0;
        const Type* type = nullptr;
        std::uint32_t key_type = none;   ///< none: a list's Int
        std::uint32_t value_type = none; ///< none: a set has no values
        std::uint32_t key_size = 8;
    };
    Trap collection(u64 field, bool of_parent, Collection& out);
    Trap element_key(const Collection& c, const HostCall& args, u64 address, Bytes& out) const;
    Trap copy_value(const Collection& c, const HostCall& args, HostFn fn, const Bytes& row,
                    u64 address) const;
    Trap stored_get(const HostCall& args);
    Trap stored_put(const HostCall& args);
    Trap stored_remove(const HostCall& args);
    Trap stored_next(const HostCall& args);

    Trap vault_entry(u64 field, u64 key, const Arena& arena, VaultEntry& out) const;
    Trap vault_open(const HostCall& args);
    Trap vault_amount(const HostCall& args);
    Trap vault_has(const HostCall& args);
    Trap vault_next(const HostCall& args);

    Trap callee_of(std::uint32_t import, InstanceId id, OpenInstance*& callee, const Entry*& entry);
    Trap encode_arguments(const Import& import, const HostCall& args, ByteWriter& out,
                          std::vector<Holding>& cash) const;
    Trap take_result(const Import& import, const HostCall& args, const CallResult& result);

    [[nodiscard]] const Program& program() const { return self_.program(); }
    Trap must_write();

    Execution& execution_;
    OpenInstance& self_;
    OpenInstance* caller_;
    bool read_only_;
};

/// Gas for what a host function moved: its unit times the bytes.
[[nodiscard]] bool charge_bytes(Gas& gas, HostFn fn, std::size_t bytes);

} // namespace tally
