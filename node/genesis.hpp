/// The genesis file: what a ledger starts with. A free ledger:
///
///   {"chain": "demo", "start": "2026-01-01", "clock": "manual",
///    "parties": [{"name": "operator", "key": "hex", "roles": ["registrar"], "issuer_of": ["USD"]}]}
///
/// A shared one has institutions, and parties of theirs:
///
///   {"chain": "banks", "start": "2026-01-01",
///    "institutions": [{"name": "alpha", "lei": "…", "root_certificate": "hex", "officers_needed": 2,
///                      "officers": [{"name": "alpha.ann", "key": "hex"}, …], "votes": true}, …],
///    "parties": [{"name": "alpha.max", "key": "p256:02…", "institution": "alpha", "roles": ["maker"]}, …],
///    "rules": {"Deploy": {"votes": "2/3", "delay": 1, "stands": 30}}, "parameters": {"schemes": 14}}
#pragma once

#include "node/errors.hpp"
#include "runtime/json_reader.hpp"
#include "runtime/ledger.hpp"

namespace tally {

[[nodiscard]] Result<Genesis> genesis_from_json(std::string_view text);
/// An institution as in the genesis file, and as in the file that a proposal to admit one is made from.
[[nodiscard]] Result<Admit> institution_from_json(const Json& json);

} // namespace tally
