/// Which registers of a function live in registers of the processor.
#pragma once

#include "vm/bytecode/module.hpp"

#include <array>

namespace tally {

inline constexpr std::size_t pin_count = 7;
inline constexpr std::uint8_t no_pin = 0xff;

/// By register: the number of its pin. A wide one has two.
struct Pins {
    std::array<std::uint8_t, 256> x;
    std::array<std::array<std::uint8_t, 2>, 128> w;
    bool any = false;
};

/// The most used registers, each use counted eight times for every loop around it. Registers in the window of
/// a call are left out: others read them in memory. A function without a loop has none: it would only pay for them.
[[nodiscard]] Pins choose_pins(const Module& module, const Function& function);

} // namespace tally
