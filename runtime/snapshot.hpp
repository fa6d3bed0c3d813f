/// Who holds how much on a date, and the amounts of chosen fields: what a simulation is drawn from.
#pragma once

#include "runtime/transaction.hpp"

#include <map>

namespace tally {

class Core;

struct Snapshot {
    Date date = 0;
    using Holder = std::pair<std::string, CurrencyCode>; ///< a party's name, or `Contract 7` for what lies in its vault
    /// In accounts, and in vaults by party under that party's name; less what was issued to the party from outside.
    std::map<Holder, i128> held;
    /// Σ of the chosen fields over all instances that have them, by currency.
    std::map<CurrencyCode, i128> fields;
};

/// What is in accounts, and in vaults, by holder.
[[nodiscard]] std::map<Snapshot::Holder, i128> holdings(const Core& core);

/// Fills in `held` and `fields` as they are now. `given` is what came from outside, by party and currency.
void look_at(Core& core, const std::map<std::pair<PartyId, CurrencyCode>, i128>& given, const std::vector<std::string>& fields, Snapshot& out);

} // namespace tally
