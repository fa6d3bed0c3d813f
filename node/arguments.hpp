/// Arguments out of a request: what is wrong with them has a code.
#pragma once

#include "node/errors.hpp"
#include "runtime/arguments.hpp"

namespace tally {

/// As `arguments_of_json`; BadParameter says what is wrong.
[[nodiscard]] Result<Bytes> encode_arguments(const Program& program, const Entry& entry, std::string_view json, int money_exponent, const PartyByName& party);

} // namespace tally
