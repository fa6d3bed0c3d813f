/// Arguments as people write them, `{"amount": "100.00", "lender": "bank_a"}`, to the bytes that an entry
/// takes.
#pragma once

#include "runtime/codec.hpp"

#include <variant>

namespace tally {

/// The entry of a contract by its name, the contract of a module; nothing if there is none.
[[nodiscard]] const Entry* find_entry(const Contract& contract, std::string_view name);
[[nodiscard]] const Contract* find_contract(const Module& module, std::string_view name);

using PartyByName = std::function<u64(const std::string&)>; ///< 0: there is none

/// `json` is an object with a member for each parameter but Cash; optional ones may be left out. Otherwise
/// says what is wrong.
[[nodiscard]] std::variant<Bytes, std::string> arguments_of_json(const Program& program, const Entry& entry, std::string_view json,
                                                                 int money_exponent, const PartyByName& party);

/// Decimal places of a currency's amounts; 2 if there is no such currency.
[[nodiscard]] int money_exponent(std::uint32_t currency);

} // namespace tally
