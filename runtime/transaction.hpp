/// What a ledger is asked to do and what it answers. Plain data: signatures were checked before, the
/// wire form is the node's.
#pragma once

#include "vm/bytecode/module.hpp" // before date.hpp: g++ 12 takes an enumerator `Date` after it for a shadow
#include "vm/crypto/ed25519.hpp"
#include "vm/crypto/sha256.hpp"
#include "vm/value/currency.hpp"
#include "vm/value/date.hpp"

#include <string>
#include <variant>
#include <vector>

namespace tally {

using PartyId = u64;    ///< number in the registry, from 1
using InstanceId = u64; ///< from 1
using AccountId = u64;  ///< from 1
using IntentId = std::array<std::uint8_t, 16>;

/// Rights of a party on the ledger itself (not in contracts). A bit mask.
enum Role : std::uint32_t {
    role_registrar = 1, ///< enrols parties
    role_deployer = 2,  ///< deploys modules
    role_clock = 4,     ///< advances a manual business date
    role_auditor = 8,   ///< reads only; any other transaction of it is refused
};

struct Enrol {
    std::string name; ///< 1…255 bytes, unique
    PublicKey key{};  ///< unique
    std::uint32_t roles = 0;
    std::vector<CurrencyCode> issuer_of; ///< currencies whose cash this party issues
};
struct OpenAccount { CurrencyCode currency = 0; }; ///< of the first signer; one per party and currency
struct Issue { AccountId account = 0; i128 amount = 0; };  ///< by the currency's issuer
struct Retire { AccountId account = 0; i128 amount = 0; }; ///< by the issuer, out of an account of its own
struct Pay { AccountId from = 0, to = 0; i128 amount = 0; }; ///< by the owner of `from`
struct Deploy { Bytes module; };
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
using Payload = std::variant<Enrol, OpenAccount, Issue, Retire, Pay, Deploy, Create, Call, Advance, Batch>;

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
