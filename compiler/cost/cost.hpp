/// The most gas that each entry of a contract can use, as a polynomial in the declared maxima, found on the
/// code that is deployed: the gas of its blocks, the rounds of its loops, the functions that it calls.
#pragma once

#include "compiler/cost/polynomial.hpp"
#include "compiler/lower/cost_notes.hpp"
#include "vm/bytecode/module.hpp"
#include "vm/bytecode/verify.hpp"

#include <functional>
#include <optional>
#include <set>

namespace tally {

/// One symbol of the polynomials.
struct CostSymbol {
    std::string name;
    u64 max = 0;
};

class CostSymbols {
public:
    std::uint32_t number(const std::string& name, u64 max);
    [[nodiscard]] const CostSymbol& operator[](std::uint32_t number) const { return symbols_[number]; }
    [[nodiscard]] u64 at_maximum(const Polynomial& p) const {
        return p.value([&](std::uint32_t s) { return symbols_[s].max; });
    }
    /// `1 240 + 380·deals + 12·deals·lenders`, largest powers last.
    [[nodiscard]] std::string text(const Polynomial& p) const;

private:
    std::vector<CostSymbol> symbols_;
    std::map<std::pair<std::string, u64>, std::uint32_t> known_;
};

/// What a call of the module's import number costs beside the calling instruction.
using ImportCost = std::function<Polynomial(std::uint32_t import)>;

/// Worked out when asked for: `import_cost` may ask for functions of the same module (contracts of one module
/// call each other, never in a circle).
class FunctionCosts {
public:
    FunctionCosts(const Module& module, const Verified& facts, const CostNotes& notes, CostSymbols& symbols, ImportCost import_cost)
        : module_(module), facts_(facts), notes_(notes), symbols_(symbols), import_cost_(std::move(import_cost)), known_(module.functions.size()) {}
    /// Throws std::logic_error when the code has a loop without a note: the compiler's own fault.
    [[nodiscard]] const Polynomial& of(std::uint32_t function);

private:
    const Module& module_;
    const Verified& facts_;
    const CostNotes& notes_;
    CostSymbols& symbols_;
    ImportCost import_cost_;
    std::vector<std::optional<Polynomial>> known_;
};

} // namespace tally
