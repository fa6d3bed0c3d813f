/// The rounding modes of the language and the machine. The numbers are part of the bytecode: never renumber.
#pragma once

#include <cstdint>

namespace tally {

enum class Rounding : std::uint8_t {
    Floor = 0,      ///< towards minus infinity
    Ceiling = 1,    ///< towards plus infinity
    TowardZero = 2, ///< drop the fraction
    Away = 3,       ///< away from zero
    HalfEven = 4,   ///< nearest, a tie to the even neighbour
    HalfUp = 5,     ///< nearest, a tie away from zero
    HalfDown = 6,   ///< nearest, a tie towards zero
    Exact = 7,      ///< Arithmetic::Inexact if anything would be lost
};
inline constexpr std::uint8_t rounding_count = 8;

} // namespace tally
