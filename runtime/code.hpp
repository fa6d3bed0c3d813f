/// Deployed modules made ready: the program, what its instances need in memory, and where its calls
/// lead. All of it follows from the modules' bytes alone, so keeping it changes no result.
#pragma once

#include "runtime/transaction.hpp"
#include "vm/engine/program.hpp"

#include <map>
#include <memory>

namespace tally {

/// The arena of an instance: null page, own record, parent's record, arguments, frames.
struct ContractPlan {
    std::uint32_t record_size = 0;
    std::uint32_t parent_at = 0, parent_size = 0; ///< 0: no parent
    std::uint32_t arguments_at = 0;
    u64 arena_size = 0;                 ///< may be more than a ledger takes; `too_large` says so
    std::vector<std::uint32_t> clauses; ///< entry numbers
    std::vector<std::uint32_t> stored;  ///< field numbers
    std::vector<std::uint32_t> naming;  ///< fields of the record that can name a party
    std::uint32_t create = none;        ///< entry number
};

/// Bytes that the parameters and the result of an entry take in the argument area.
[[nodiscard]] u64 argument_bytes(const Program& program, const Entry& entry);

struct Code {
    std::shared_ptr<const Program> program;
    std::vector<ContractPlan> plans; ///< by contract
    /// By import and the callee's module: its contract and entry, or nothing if they do not fit.
    struct Target {
        std::uint32_t contract = none, entry = none;
    };
    mutable std::map<std::pair<std::uint32_t, Hash>, Target> targets;
};
using CodePtr = std::shared_ptr<const Code>;

[[nodiscard]] CodePtr make_code(std::shared_ptr<const Program> program);
[[nodiscard]] bool too_large(const Code& code);

/// The callee's contract and entry that an import means; both `none` when there is none with the
/// same name and the same types.
[[nodiscard]] Code::Target resolve(const Code& caller, std::uint32_t import, const Code& callee);

/// Equal in everything that decides what a value looks like; names of types do not.
[[nodiscard]] bool same_type(const Module& a, std::uint32_t left, const Module& b,
                             std::uint32_t right);

[[nodiscard]] std::uint32_t contract_number(const Module& module, std::string_view name);
[[nodiscard]] std::uint32_t entry_number(const Contract& contract, std::string_view name);

} // namespace tally
