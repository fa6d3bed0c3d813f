/// What a ledger is asked to do and what it answers. Plain data: signatures were checked before, the
/// wire form is the node's.
#pragma once

#include "vm/bytecode/module.hpp" // before date.hpp: g++ 12 takes an enumerator `Date` after it for a shadow
#include "runtime/identity.hpp"
#include "vm/value/date.hpp"

#include <string>
#include <variant>
#include <vector>

namespace tally {

using InstanceId = u64; ///< from 1
using AccountId = u64;  ///< from 1
using IntentId = std::array<std::uint8_t, 16>;

/// On a free ledger by its registrar; on a shared one by the officers of the institution, who make the
/// roles, issue nothing and show that the key is the holder's.
struct Enrol {
    std::string name; ///< 1…255 bytes, unique
    VerifyKey key{};  ///< unique
    std::uint32_t roles = 0;
    std::vector<CurrencyCode> issuer_of; ///< currencies whose cash this party issues
    InstitutionId institution = 0;
    // The rest only with an institution.
    u64 until = 0;          ///< the last height at which its signature counts; 0: no end, as of all officers
    Signature proof{};      ///< by the new key over key_proof_hash
    Bytes certificates{};   ///< the holder's first, the institution's root last (certificates.hpp); may be empty
};
/// A new key for a party, which stays who it is. By the party itself or the officers of its institution.
struct Rotate {
    PartyId party = 0;
    VerifyKey key{};
    u64 until = 0;
    Signature proof{};
    Bytes certificates{};
};
/// Its signature never counts again, until the officers rotate it. By the officers of its institution.
struct Revoke { PartyId party = 0; };
struct OpenAccount {
    CurrencyCode currency = 0; ///< one account per party and currency
    PartyId owner = 0;         ///< must sign; 0: the first signer
};
struct Issue { AccountId account = 0; i128 amount = 0; };  ///< by the currency's issuer
struct Retire { AccountId account = 0; i128 amount = 0; }; ///< by the issuer, out of an account of its own
struct Pay { AccountId from = 0, to = 0; i128 amount = 0; }; ///< by the owner of `from`
/// On a free ledger by a deployer. On a shared one as agreed: `mandate` is the proposal, see governance.hpp.
struct Deploy {
    Bytes module;
    InstanceId mandate = 0;
};
struct CashIn { AccountId account = 0; i128 amount = 0; };
struct Create {
    Hash code{};
    std::string contract;
    InstanceId parent = 0;
    CurrencyCode currency = 0; ///< of a generic contract without a parent
    Bytes arguments;           ///< encoded one after the other by the entry's parameter types; Cash is left out
    std::vector<CashIn> cash;  ///< one for each Cash parameter, in order
};
struct Call {
    InstanceId instance = 0;
    std::string entry;
    Bytes arguments;
    std::vector<CashIn> cash;
    AccountId payout = 0; ///< where a returned asset goes
};
struct Advance { Date to = 0; };
/// Several creates and calls under one set of signatures, in order. Each has a savepoint, a receipt and an
/// equal part of the gas of its own.
struct Batch {
    bool all = false; ///< all or none; else each for itself
    std::vector<std::variant<Create, Call>> items; ///< 1…limits::batch_items
};

// ---- what the members of a shared ledger agree on; `mandate` is the proposal
struct Officer {
    std::string name;
    VerifyKey key{};
    Signature proof{}; ///< by the key over key_proof_hash
};
struct Admit {
    std::string name, lei;
    Hash root_certificate{};
    bool votes = true;
    std::uint32_t officers_needed = 1; ///< at most as many as there are
    std::vector<Officer> officers;     ///< 1…limits::signers
    InstanceId mandate = 0;
};
struct Suspend {
    InstitutionId institution = 0;
    bool suspended = true; ///< false: reinstated
    InstanceId mandate = 0;
};
/// Who issues the cash of a currency from now on: a party of a house, or any other.
struct Appoint {
    CurrencyCode currency = 0;
    PartyId issuer = 0;
    InstanceId mandate = 0;
};
struct SetParameter {
    Parameter parameter = Parameter::TransactionGas;
    i64 value = 0;
    InstanceId mandate = 0;
};
/// Until this business date, it included, nothing moves but keys, votes and the date.
struct Pause {
    Date until = 0;
    InstanceId mandate = 0;
};

using Payload = std::variant<Enrol, OpenAccount, Issue, Retire, Pay, Deploy, Create, Call, Advance, Batch, Rotate, Revoke, Admit,
                             Suspend, Appoint, SetParameter, Pause>;

struct Transaction {
    std::vector<PartyId> signers; ///< distinct; the first is the sender. All signatures hold
    IntentId intent{};
    u64 expiry = 0;               ///< last height at which it may enter a block
    i64 gas_limit = 0;
    Payload payload;
};

struct Event {
    InstanceId instance = 0;
    std::string name; ///< `consortium.clearing.Owed`
    Hash code{};      ///< whose event table and types it is encoded by
    std::uint32_t number = 0;
    Bytes fields;
};

struct Receipt {
    Trap trap = Trap::None;
    std::string error;  ///< Refused: the error's name, e.g. `consortium.clearing.NoFunds`
    Bytes error_fields; ///< encoded record
    Hash error_code{};  ///< module whose tables say how to read it
    std::uint32_t error_number = 0;
    i64 gas_used = 0;
    Bytes result;       ///< encoded return value
    u64 created = 0;    ///< party, account or instance number
    Hash code{};        ///< Deploy
    std::vector<Event> events;
    std::vector<Receipt> items; ///< Batch: of each item, up to the one that stopped it
    // For people; not part of the receipt's hash.
    std::string note;   ///< what, where (function, line), how to go on
};

[[nodiscard]] Bytes encode(const Receipt& receipt); ///< canonical, without `note`
/// False (and `out` unspecified) when the bytes are not a canonical receipt.
[[nodiscard]] bool decode(ByteView bytes, Receipt& out);

} // namespace tally
