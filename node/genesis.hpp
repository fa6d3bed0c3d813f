/// The genesis file: what a ledger starts with.
///
///   {"chain": "demo", "start": "2026-01-01", "clock": "manual",
///    "parties": [{"name": "operator", "key": "hex", "roles": ["registrar"], "issuer_of":
///    ["USD"]}]}
#pragma once

#include "node/errors.hpp"
#include "runtime/ledger.hpp"

namespace tally {

[[nodiscard]] Result<Genesis> genesis_from_json(std::string_view text);
/// registrar, deployer, clock, auditor; nothing for another name.
[[nodiscard]] std::optional<std::uint32_t> role_by_name(std::string_view name);
[[nodiscard]] std::vector<std::string> role_names(std::uint32_t roles);
[[nodiscard]] std::optional<PublicKey> public_key_from_hex(std::string_view text);

} // namespace tally
