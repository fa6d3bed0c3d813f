/// The parties that a value names. Whom a contract names has a share in it: that is what a party's
/// book is made of.
#pragma once

#include "runtime/instance.hpp"

#include <functional>

namespace tally {

/// False, and the end, as soon as `visit` says false of one.
bool every_party(const Program& program, std::uint32_t type, const std::uint8_t* at,
                 const std::function<bool(PartyId)>& visit);

/// Whether a value of the type could name one.
[[nodiscard]] bool can_name(const Module& module, std::uint32_t type);

/// The parties in the instance's record, each once, ascending.
[[nodiscard]] std::vector<PartyId> named_in(const OpenInstance& self);

} // namespace tally
