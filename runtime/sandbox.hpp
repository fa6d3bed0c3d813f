/// A ledger in memory that is driven from outside, by names and JSON: for conformance suites, simulations
/// and trying out. The JSON forms are those of docs/api.md.
#pragma once

#include "runtime/transaction.hpp"

#include <memory>

namespace tally {

class Sandbox {
public:
    /// `modules` are canonical bytes, each after those that it imports. They are on the ledger from the first `reset` on.
    explicit Sandbox(std::vector<Bytes> modules);
    ~Sandbox();
    Sandbox(Sandbox&&) noexcept;

    struct Cash { std::string amount, currency; }; ///< "100.00", "EUR"; comes from the first signer, freshly issued
    struct Answer {
        Trap trap = Trap::None;
        std::string error;          ///< of a refusal: `module.Error`; of a bad request: what is wrong
        std::string note;           ///< what happened and how to go on
        std::string result = "null"; ///< JSON
        InstanceId created = 0;
        i64 gas_used = 0;
        std::string events = "[]";  ///< JSON: [{"instance": …, "name": …, "fields": {…}}, …]
        [[nodiscard]] bool good() const { return trap == Trap::None && error.empty(); }
    };
    /// The answer to what cannot even be tried.
    [[nodiscard]] static Answer refused(std::string what);
    struct Request {
        std::vector<std::string> signers; ///< parties; they are enrolled when first named
        std::string arguments = "{}";
        std::vector<Cash> cash;
    };

    /// A fresh ledger with the same modules on it, on 2026-01-01 until the first `advance`.
    Answer reset();
    /// Enrols a party that a question names before it has signed anything; `created` is its number.
    Answer party(const std::string& name);
    /// `contract` is a name or `module.Name`; the module that was named last wins. `currency` may be empty.
    Answer create(const std::string& contract, const std::string& currency, InstanceId parent, const Request& request);
    Answer call(InstanceId instance, const std::string& action, const Request& request);
    Answer view(InstanceId instance, const std::string& view, const std::string& arguments);
    /// Before anything else has happened the date may lie anywhere; then ahead only. Due clauses run; the
    /// answer has their events.
    Answer advance(const std::string& to);

    /// The instance's state, fields and vaults.
    [[nodiscard]] Answer look(InstanceId instance);
    [[nodiscard]] Answer balance(const std::string& party, const std::string& currency);
    [[nodiscard]] std::string today() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace tally
