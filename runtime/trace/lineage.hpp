/// Where a sum of money came from: a graph of the operations that made it, down to what the record held, what the
/// transaction said and what the code itself says.
#pragma once

#include "runtime/instance.hpp"
#include "vm/value/rounding.hpp"

namespace tally {

/// The number of a node in its lineage; 0: nothing is known, or it is a number of the code itself.
using NodeId = std::uint32_t;

/// What a number counts, as far as it can be told: registers have no types.
enum class NumberUnit : std::uint8_t { Unknown, Money, Scaled /* a rate or decimal, 10^-18 */, Whole };

struct LineageNode {
    enum class Kind : std::uint8_t {
        Constant,  ///< a number of the code
        Unknown,   ///< out of memory that was not followed
        Field,     ///< `what` of the instance, as it was before
        Element,   ///< the same in a collection kept by key
        Balance,   ///< what a vault held
        Argument,  ///< `what`, as the transaction or the caller said
        Operation, ///< of the machine, `op` on `inputs`
        Call,      ///< of a host function, `fn` on `inputs`
        Part,      ///< part `index` of `count` of inputs[0], shared out by the weights in the other inputs
        Accrued,   ///< inputs[0], if it is there, and what a period adds or takes away
        Taken,     ///< inputs[0] out of a holding, inputs[1]
        Rest,      ///< what is left of the holding inputs[0] once inputs[1] was taken
        Joined,    ///< both holdings
    };
    Kind kind = Kind::Constant;
    NumberUnit unit = NumberUnit::Unknown;
    Op op = Op::Block;
    HostFn fn = HostFn::MulDiv3;
    std::optional<Rounding> mode{};
    std::uint32_t index = 0, count = 0;
    i128 value = 0;
    std::vector<NodeId> inputs{};
    std::string what{};
    InstanceId instance = 0;
    Bytes row{};           ///< Field, Element: of the state, that held it
    std::size_t after = 0; ///< Field, Element: so many postings of the block
    const Program* program = nullptr; ///< of the place; nothing outside of code
    std::uint32_t function = none, line = 0;
};

/// What of a block is at work: one of its clauses, or of its transactions.
struct ItemPlace {
    bool is_clause = false;
    std::size_t index = 0;
    friend bool operator==(const ItemPlace&, const ItemPlace&) = default;
};

/// A function at work, and for the first one of a run the entry that it is.
struct CodePlace {
    InstanceId instance = 0;
    const Program* program = nullptr;
    const Contract* contract = nullptr;
    const Entry* entry = nullptr;
    std::uint32_t function = none, line = 0;
};

/// One change of one sum of money.
struct Posting {
    enum class Kind : std::uint8_t { Account, Vault, Field, Element };
    struct Term {
        bool minus = false;
        NodeId node = 0;
    };
    ItemPlace item{};
    Kind kind = Kind::Account;
    u64 id = 0;       ///< of the account or the instance
    std::string path{}; ///< in the instance
    CurrencyCode currency = 0;
    std::optional<i128> before, after; ///< nothing: it was, or is, not there
    // Of the item that is followed only.
    std::vector<CodePlace> places{}; ///< who did it, the innermost first
    std::vector<Term> terms{};   ///< they add up to the change

    [[nodiscard]] i128 change() const { return after.value_or(0) - before.value_or(0); }
};

} // namespace tally
