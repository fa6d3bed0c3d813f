/// What the standard library may ask of the machine by name, and the most units that its gas is counted in.
#pragma once

#include "vm/bytecode/tables.hpp"
#include "vm/value/annuity.hpp"
#include "vm/value/power.hpp"

#include <string_view>

namespace tally::check {

struct NativeFunction {
    std::string_view name;
    HostFn fn;
    i64 units_max;
};

inline constexpr NativeFunction natives[] = {
    {"annuity", HostFn::Annuity, annuity_periods_max},
    {"fused", HostFn::DecimalFused, 0},
    {"power", HostFn::Power, power_exponent_max},
    {"root", HostFn::Root, root_degree_max},
};

} // namespace tally::check
