/// What every ledger command needs: a node to talk to, keys to sign with, names turned into
/// numbers.
#pragma once

#include "node/client/client.hpp"
#include "node/tx/envelope.hpp"
#include "vm/engine/program.hpp"

#include <functional>
#include <map>

namespace tally {

struct LedgerOptions {
    std::string node = "http://127.0.0.1:7300";
    TlsFiles tls; ///< for `https://`
    std::string keys = "keys"; ///< folder with NAME.key
    std::vector<std::string> signers;
    std::string intent; ///< hexadecimal; made at random if empty
    i64 gas_limit = 0;  ///< 0: the most a transaction may use
    std::string draft;  ///< a file to write the transaction to instead of sending it
};

/// A transaction that people in several places sign one after the other, in a file.
struct Draft {
    Bytes body;
    std::vector<std::string> signers; ///< names, in the order of the transaction
    std::map<std::string, Signature> signatures;

    [[nodiscard]] static Result<Draft> read(const std::string& path);
    [[nodiscard]] Problem write(const std::string& path) const;
    /// With the keys of the folder that are one of the signers'.
    [[nodiscard]] Problem sign_with(const std::string& folder);
    [[nodiscard]] std::vector<std::string> missing() const;
    [[nodiscard]] Bytes envelope() const; ///< nothing is missing
};

/// 64 hexadecimal digits, behind `p256:` or `sm2:` for another scheme; readable by its owner only.
[[nodiscard]] Result<SigningKey> read_key(const std::string& folder, const std::string& name);

class LedgerSession {
public:
    [[nodiscard]] static Result<LedgerSession> open(const LedgerOptions& options);

    [[nodiscard]] Client& client() { return client_; }
    /// Signs with every signer's key and waits until it is final. A refusal by the ledger is an
    /// answer, not an error.
    [[nodiscard]] Result<SubmitAnswer> submit(Payload payload);
    [[nodiscard]] Result<SubmitAnswer> submit(const Draft& draft);
    /// Signed by nobody.
    [[nodiscard]] Result<Draft> draft(Payload payload);
    [[nodiscard]] const std::string& intent() const { return intent_; }

    [[nodiscard]] Result<PartyId> party(const std::string& name);
    [[nodiscard]] Result<CurrencyCode> currency_of_account(AccountId account);
    /// `100.00` in the account's currency.
    [[nodiscard]] Result<i128> amount_for(AccountId account, const std::string& text);
    /// `ACCOUNT:AMOUNT`
    [[nodiscard]] Result<std::vector<CashIn>> cash(const std::vector<std::string>& texts);
    /// A module's name or hash to the module itself, ready to look at.
    [[nodiscard]] Result<std::shared_ptr<const Program>> program(const std::string& name_or_hash);
    struct Instance {
        std::string code, contract;
        CurrencyCode currency = 0;
    };
    [[nodiscard]] Result<Instance> instance(InstanceId id);
    /// For arguments: 0 if there is no such party.
    [[nodiscard]] std::function<u64(const std::string&)> party_lookup();

private:
    LedgerSession(const LedgerOptions& options, Client client)
        : options_(options), client_(std::move(client)) {}

    LedgerOptions options_;
    Client client_;
    std::string intent_;
};

/// Makes a payload and sends it, or writes the draft that was asked for; the exit code.
int send_transaction(const LedgerOptions& options, const std::function<Result<Payload>(LedgerSession&)>& make);

/// `error` to the standard error; the exit code.
int complain(const NodeError& error);
/// Shows what became of a transaction; the exit code.
int show(const LedgerSession& session, const Result<SubmitAnswer>& answer);
/// A tree as indented JSON.
[[nodiscard]] std::string pretty(const Json& tree);

} // namespace tally
