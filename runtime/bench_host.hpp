/// A ledger in memory for one test, and the machine's Host while the test's own code runs.
#pragma once

#include "runtime/bench.hpp"
#include "runtime/core.hpp"

namespace tally {

/// The ledger of one test: parties, accounts and issuers come when they are first named.
class TestStage {
public:
    explicit TestStage(Caches& caches);

    [[nodiscard]] bool deploy(const Bytes& module, Hash& code, std::string& message);
    [[nodiscard]] PartyId party(const std::string& name);
    /// A transaction with the given signers; the stage itself when there are none.
    Receipt apply(std::vector<PartyId> signers, Payload payload);
    [[nodiscard]] AccountId account(PartyId owner, CurrencyCode currency);
    /// A fresh issue of this much to the party's account.
    /// Nothing (account 0) when it cannot be issued.
    [[nodiscard]] CashIn bring(PartyId to, CurrencyCode currency, i128 amount);
    /// As if it had never been brought: for a call that was refused, whose money is back in the account.
    void take_back(const CashIn& cash);
    /// False when the date does not lie ahead.
    [[nodiscard]] bool advance(Date to, std::vector<ClauseRun>& runs);

    [[nodiscard]] Core& core() { return core_; }
    [[nodiscard]] i64 gas_used() const { return gas_used_; }
    /// Accounts and vaults hold what was issued and not retired.
    [[nodiscard]] bool conserved(CurrencyCode currency, std::string& figures);

    /// Told of the state after every transaction and every clause, with the date to which it belongs.
    void watch(std::function<void(Core&, Date)> told);
    /// What each party was given by a fresh issue, so far.
    [[nodiscard]] const std::map<std::pair<PartyId, CurrencyCode>, i128>& given() const { return given_; }

private:
    PartyId enrol(Enrol party);

    MemoryStore nothing_;
    Core core_;
    u64 height_ = 0, intents_ = 0;
    i64 gas_used_ = 0;
    std::map<std::pair<PartyId, CurrencyCode>, i128> given_;
    std::function<void(Core&, Date)> watch_;
    bool untouched_ = true; ///< the first advance chooses the day on which the test begins
};

class TestHost : public Host {
public:
    TestHost(TestStage& stage, const Code& code) : stage_(stage), code_(code) {}

    Trap call(HostFn fn, const HostCall& args) override;
    // A test reaches contracts through transactions only, and holds no money.
    Trap call_import(std::uint32_t, const HostCall&) override { return Trap::BadArgument; }
    Trap asset_empty(Holding&) override { return Trap::NoHolding; }
    Trap asset_amount(Holding, i128&) override { return Trap::NoHolding; }
    Trap asset_withdraw(std::uint32_t, u64, i128, Arena&, Holding&) override {
        return Trap::NoHolding;
    }
    Trap asset_deposit(std::uint32_t, u64, Arena&, Holding) override { return Trap::NoHolding; }
    Trap asset_pay(Holding, u64) override { return Trap::NoHolding; }
    Trap asset_take(Holding, i128, Holding&) override { return Trap::NoHolding; }
    Trap asset_join(Holding, Holding) override { return Trap::NoHolding; }
    Trap asset_end(Holding) override { return Trap::NoHolding; }

    /// False when the test ended while it still expected a refusal.
    [[nodiscard]] bool end();
    /// The case did not meet a `given`.
    [[nodiscard]] bool discarded() const { return discarded_; }
    void check_costs(TestBench::Bound bound) { bound_ = std::move(bound); }
    [[nodiscard]] const std::string& message() const { return message_; }
    [[nodiscard]] std::uint32_t line() const { return line_; }

private:
    Trap fail(std::string message, u64 line = 0);
    Trap party(const HostCall& args);
    Trap refuse(const HostCall& args);
    Trap sign(u64 party);
    Trap create(const HostCall& args);
    Trap call_contract(const HostCall& args);
    Trap advance(Date to);
    Trap expect_fail(const HostCall& args);
    Trap expect_event(const HostCall& args);
    Trap expect(const HostCall& args);
    Trap peek(const HostCall& args);
    Trap run_batch();
    Trap conserved(const HostCall& args);
    Trap balance(const HostCall& args);

    [[nodiscard]] const Import* import(u64 number) const;
    [[nodiscard]] bool arguments(const Import& import, const HostCall& args, u64 address,
                                 Bytes& out);
    /// What the signer brings; false when it cannot be issued: then the test has failed.
    [[nodiscard]] bool take_cash(std::vector<CashIn>& out);
    [[nodiscard]] bool result(const Import& import, const HostCall& args, u64 address,
                              const Bytes& bytes);
    /// Takes the events; a refusal must be the one that is expected. `passed` tells whether it went
    /// through.
    void look_at_gas(const Import& entry, const Hash& code, const Receipt& receipt);
    Trap judge(const std::string& what, Receipt receipt, bool& passed);
    [[nodiscard]] std::string mismatch(const Receipt& receipt) const;
    [[nodiscard]] Names names() { return stage_.core().names_for(currency_); }
    [[nodiscard]] const Program& program() const { return *code_.program; }

    TestStage& stage_;
    const Code& code_;
    std::vector<PartyId> signers_;
    struct Cash {
        CurrencyCode currency = 0;
        i128 amount = 0;
    };
    std::vector<Cash> cash_;
    struct Expected {
        i64 error = -1;
        std::optional<Bytes> fields;
        u64 trap = 0;
    };
    std::optional<Expected> expected_;
    std::vector<Event> events_;
    std::optional<Batch> batch_; ///< being gathered
    bool discarded_ = false;
    TestBench::Bound bound_;
    std::string too_dear_; ///< the first transaction that used more gas than its bound
    CurrencyCode currency_ = 0; ///< the last that was named: how amounts are shown
    std::string message_;
    std::uint32_t line_ = 0;
};

} // namespace tally
