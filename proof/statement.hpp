/// A party's whole book at one height, and the proof that it is all of it.
///
/// The ledger keeps for each party a count and a chain of everything that names it (state.hpp,
/// Book). A statement lists that, with the rows that say how each thing stands, under one proof; whoever
/// has the root needs nothing else: no node, no compiler, nobody's word.
///
///   file   "tally/statement/v1", chain, height, party, entries (a count, then kind and id of each),
///          rows (a count, then key, 0 or 1, value of each, by key), proof behind its length
///
/// Whole numbers are uvarints, texts and bytes stand behind their length. The rows are exactly those
/// that `read_statement` asks for; one more or one less is refused.
#pragma once

#include "proof/fault.hpp"
#include "runtime/state.hpp"
#include "tree/multiproof.hpp"

#include <variant>

namespace tally {

struct StatementFile {
    std::string chain;
    u64 height = 0;
    PartyId party = 0;
    std::vector<BookEntry> entries;
    std::vector<tree::ProvenRow> rows;
    Bytes proof;
};
[[nodiscard]] Bytes encode(const StatementFile& file);
[[nodiscard]] bool decode(ByteView bytes, StatementFile& out);

/// An amount that belongs to the party, and where it stands: `shares.outstanding`. In minor units.
struct Figure {
    std::string path;
    i128 amount = 0;
};
/// What a statement says of one instance.
struct Position {
    InstanceId instance = 0;
    std::string contract; ///< `consortium.joint.Loan`
    std::string state;
    CurrencyCode currency = 0;
    std::vector<Figure> figures;
};
struct Statement {
    std::string name;
    struct AccountLine {
        AccountId id = 0;
        CurrencyCode currency = 0;
        i128 balance = 0;
    };
    std::vector<AccountLine> accounts;
    std::vector<Position> positions;
    /// Sums over all positions by contract, path and currency.
    struct Total {
        std::string contract, path;
        CurrencyCode currency = 0;
        u64 instances = 0;
        i128 amount = 0;
    };
    std::vector<Total> totals;
};

/// Works a statement out of rows. A figure belongs to a party when it stands beside the party's name:
/// a Money or Amount field of a record that has the party in another field, the value of a map under
/// the party, or a vault entry under the party. The rows must be a ledger's.
[[nodiscard]] Statement read_statement(PartyId party, const std::vector<BookEntry>& entries, const Store& rows);

/// The statement, if every byte of the file is proven under the root.
[[nodiscard]] std::variant<Statement, ProofFault> verify_statement(const StatementFile& file, const Hash& root);

} // namespace tally
