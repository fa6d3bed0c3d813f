/// What a transaction on a contract can cost at most: the code (compiler/cost) and what the runtime charges
/// around it for opening instances, for arguments, results, rights and invariants.
#pragma once

#include "compiler/compile.hpp"
#include "compiler/cost/cost.hpp"
#include "runtime/code.hpp"

#include <memory>

namespace tally {

class CostModel {
public:
    CostModel();
    ~CostModel();
    /// Modules in the order of their imports: a module after those that it calls.
    void add(Build build);
    /// Nothing when there is no such entry.
    [[nodiscard]] std::optional<Polynomial> entry(const std::string& module, const std::string& contract, const std::string& entry);
    [[nodiscard]] std::optional<u64> at_maximum(const std::string& module, const std::string& contract, const std::string& entry);
    [[nodiscard]] const CostSymbols& symbols() const { return symbols_; }
    [[nodiscard]] const Module& last() const;

private:
    struct Unit;
    [[nodiscard]] Polynomial open_cost(const Unit& unit, std::uint32_t contract) const;
    [[nodiscard]] Polynomial entry_cost(Unit& unit, std::uint32_t contract, const Entry& entry);
    [[nodiscard]] Polynomial right_cost(Unit& unit, const Auth& auth);
    [[nodiscard]] Polynomial import_cost(Unit& unit, std::uint32_t import);

    CostSymbols symbols_;
    std::vector<std::unique_ptr<Unit>> units_;
};

} // namespace tally
