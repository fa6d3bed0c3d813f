/// The parameters of a ledger: their names, bounds and what holds until something else was agreed.
#pragma once

#include "runtime/identity.hpp"
#include "vm/bytecode/limits.hpp"

#include <span>

namespace tally::limits {
inline constexpr std::int64_t pause_days = 31;           // a pause of the ledger ends by itself
inline constexpr std::int64_t advance_days = 31;         // of a shared ledger's date, in one transaction
inline constexpr std::size_t certificates = 8, certificate_bytes = 8 * 1024; // shown at an enrolment
} // namespace tally::limits

namespace tally {

struct ParameterInfo {
    Parameter parameter;
    std::string_view name;
    i64 floor, ceiling, initial;
    std::string_view meaning;
};
/// In the order of the enumeration.
[[nodiscard]] std::span<const ParameterInfo> parameters();
[[nodiscard]] const ParameterInfo* parameter_info(Parameter parameter);
[[nodiscard]] const ParameterInfo* parameter_by_name(std::string_view name);

/// The bit of a scheme in `Parameter::Schemes`.
[[nodiscard]] constexpr i64 scheme_bit(SignatureScheme scheme) { return i64{1} << static_cast<unsigned>(scheme); }

} // namespace tally
